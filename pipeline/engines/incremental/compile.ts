/**
 * A plan as operators that are kept up to date, and a rest that is asked when someone looks.
 *
 * Rows, and the groups of rows, only ever come or grow, so their operators take deltas. From the first relation on that more
 * rows can take something away from (the top of groups in any order, rows chosen by an aggregate), the plan is run over the
 * small tables below it.
 */

import type { Arena } from '../../columns/arena.ts';
import type { ColumnarTable } from '../../columns/table.ts';
import { inputsOf, type RelationNode, unknownNode } from '../../plan/relation.ts';
import { Aggregate } from './operators/aggregate.ts';
import { Join, JoinKey } from './operators/join.ts';
import { Distinct, Filter, type Operator, Project, Source } from './operators/rows.ts';
import { canKeepTop, TopGroups } from './top/top_groups.ts';
import { largestFirst, TopRows } from './top/top_rows.ts';

/** A table that is kept up to date. */
interface Kept {
  readonly table: ColumnarTable;
}

/** What is left of a plan, and the tables that it reads, by name. */
export interface Compiled {
  readonly rest: RelationNode;
  readonly tables: ReadonlyMap<string, Kept>;
}

/** Compiles plans; relations that several plans have in common are kept once. */
export class Compiler {
  readonly sources = new Map<string, Source>();
  private readonly rows = new Map<string, Operator>();
  private readonly groups = new Map<string, Aggregate>();
  private readonly keys = new Map<string, JoinKey>();
  private readonly kept = new Map<string, { readonly name: string; readonly kept: Kept }>();

  constructor(private readonly scratch: Arena) {}

  compile(plan: RelationNode): Compiled {
    const tables = new Map<string, Kept>();
    const rest = this.rest(plan, tables);
    return { rest, tables };
  }

  /** The plan with sources in the place of what is kept. */
  private rest(node: RelationNode, tables: Map<string, Kept>): RelationNode {
    const found = this.keptOf(node);
    if (found !== undefined) {
      tables.set(found.name, found.kept);
      return { kind: 'source', schema: node.schema, name: found.name };
    }
    const above = (input: RelationNode) => this.rest(input, tables);
    switch (node.kind) {
      case 'source':
        return node;
      case 'join':
        return { ...node, left: above(node.left), right: above(node.right) };
      case 'select':
      case 'where':
      case 'distinct':
      case 'aggregate':
      case 'top':
      case 'order':
        return { ...node, input: above(node.input) };
      default:
        return unknownNode(node);
    }
  }

  /** The table that is kept for a relation, undefined where it cannot be kept by deltas alone. */
  private keptOf(node: RelationNode): { readonly name: string; readonly kept: Kept } | undefined {
    const key = JSON.stringify(node);
    let found = this.kept.get(key);
    if (found === undefined) {
      const kept = this.keep(node);
      // No table of a user's can have such a name.
      found = kept && { name: `\u0000${this.kept.size}`, kept };
      if (found !== undefined) this.kept.set(key, found);
    }
    return found;
  }

  private keep(node: RelationNode): Kept | undefined {
    if (onlyRows(node)) {
      return this.rowsOf(node).store(Object.keys(node.schema));
    }
    if (node.kind === 'aggregate' && onlyRows(node.input)) {
      return this.groupsOf(node);
    }
    if (node.kind === 'top' && node.input.kind === 'aggregate' && onlyRows(node.input.input)) {
      const number = largestFirst(node, node.input);
      if (number !== undefined) {
        return new TopRows(this.rowsOf(node.input.input), node, node.input, number);
      }
      return canKeepTop(node, node.input)
        ? new TopGroups(this.groupsOf(node.input), node.by, node.order)
        : undefined;
    }
    return undefined;
  }

  private groupsOf(node: Extract<RelationNode, { kind: 'aggregate' }>): Aggregate {
    const key = JSON.stringify(node);
    const groups = this.groups.get(key) ?? new Aggregate(this.rowsOf(node.input), node);
    this.groups.set(key, groups);
    return groups;
  }

  private rowsOf(node: RelationNode): Operator {
    const key = JSON.stringify(node);
    const rows = this.rows.get(key) ?? this.newRows(node);
    this.rows.set(key, rows);
    return rows;
  }

  /** The key of a join: joins on columns of the same names and types have one, whose codes they share. */
  private keyOf({ on, left }: Extract<RelationNode, { kind: 'join' }>): JoinKey {
    const name = JSON.stringify(on.map((column) => [column, left.schema[column]]));
    const key = this.keys.get(name) ?? new JoinKey(on);
    this.keys.set(name, key);
    return key;
  }

  private newRows(node: RelationNode): Operator {
    switch (node.kind) {
      case 'source': {
        const source = new Source(node.schema, this.scratch);
        this.sources.set(node.name, source);
        return source;
      }
      case 'select':
        return new Project(node.schema, this.rowsOf(node.input), node.columns);
      case 'where':
        return new Filter(this.rowsOf(node.input), node.condition);
      case 'distinct':
        return new Distinct(this.rowsOf(node.input));
      case 'join':
        return new Join(node.schema, this.rowsOf(node.left), this.rowsOf(node.right), this.keyOf(node));
      case 'aggregate':
      case 'top':
      case 'order':
        throw new TypeError(`The relation "${node.kind}" is not kept as rows that only come.`);
      default:
        return unknownNode(node);
    }
  }
}

/** Whether more rows of the sources only ever add rows to the relation. */
function onlyRows(node: RelationNode): boolean {
  switch (node.kind) {
    case 'aggregate':
    case 'top':
    case 'order':
      return false;
    default:
      return inputsOf(node).every(onlyRows);
  }
}
