/**
 * Compiles a plan into operators that are kept up to date, and a rest that runs when its answer is asked for.
 *
 * A relation takes deltas where rows that come only add rows, or make groups larger. From the first relation on that more rows
 * can take something away from (the top of groups in any order, rows without a partner, rows chosen by an aggregate), the plan
 * runs over the tables below it, which are small above an aggregate.
 *
 * Rows that leave are taken back by the same operators with larger states. These hold what the others have forgotten, so
 * they are compiled anew and filled with all rows when the first one leaves.
 */

import type { Arena } from '../../columns/arena.ts';
import type { ColumnarTable } from '../../columns/table.ts';
import { neededOf } from '../../plan/needed.ts';
import { inputsOf, type RelationNode, unknownNode } from '../../plan/relation.ts';
import { partOf } from '../../plan/types.ts';
import { mapInputs } from '../../plan/walk.ts';
import { Aggregate, type AggregateRelation } from './operators/aggregate.ts';
import { CountedSemiJoin } from './operators/counted_semi_join.ts';
import { Distinct } from './operators/distinct.ts';
import { Explode } from './operators/explode.ts';
import { Filter } from './operators/filter.ts';
import { Join } from './operators/join.ts';
import { JoinKey } from './operators/join_key.ts';
import type { Operator } from './operators/operator.ts';
import { Project } from './operators/project.ts';
import { SemiJoin } from './operators/semi_join.ts';
import { Source } from './operators/source.ts';
import { Union } from './operators/union.ts';
import { RankedGroups } from './top/ranked_groups.ts';
import { RankedRows } from './top/ranked_rows.ts';
import { canKeepTop, TopGroups } from './top/top_groups.ts';
import { largestFirst, TopRows } from './top/top_rows.ts';

/** A table that is kept up to date. */
interface LiveTable {
  readonly table: ColumnarTable;
}

/** The rest of a plan, and the tables that it reads, by name. */
export interface Compiled {
  readonly rest: RelationNode;
  readonly tables: ReadonlyMap<string, LiveTable>;
}

/** Compiles plans; relations that several plans have in common are kept once. */
export class Compiler {
  readonly sources = new Map<string, Source>();
  private readonly operators = new Map<string, Operator>();
  private readonly aggregates = new Map<string, Aggregate>();
  private readonly joinKeys = new Map<string, JoinKey>();
  private readonly liveTables = new Map<string, { readonly name: string; readonly live: LiveTable }>();

  /** @param rowsLeave false where rows only ever come: then less is kept */
  constructor(
    private readonly arena: Arena,
    private readonly rowsLeave: boolean,
  ) {}

  compile(plan: RelationNode): Compiled {
    const tables = new Map<string, LiveTable>();
    const rest = this.rest(plan, Object.keys(plan.schema), tables);
    return { rest, tables };
  }

  /** The plan, with sources in place of the relations that are kept up to date. @param columns those that are read */
  private rest(node: RelationNode, columns: readonly string[], tables: Map<string, LiveTable>): RelationNode {
    const found = this.liveTableOf(node, columns);
    if (found !== undefined) {
      tables.set(found.name, found.live);
      const schema = partOf(node.schema, columns);
      return { kind: 'source', schema, name: found.name };
    }
    const needed = neededOf(node, columns).values();
    return mapInputs(node, (input) => this.rest(input, needed.next().value ?? [], tables));
  }

  /** The live table of a relation, undefined where deltas alone cannot keep it. */
  private liveTableOf(
    node: RelationNode,
    columns: readonly string[],
  ): { readonly name: string; readonly live: LiveTable } | undefined {
    const key = JSON.stringify(node);
    let found = this.liveTables.get(key);
    if (found === undefined) {
      const live = this.compileLive(node);
      // A name that no table of a user can have.
      found = live && { name: `\u0000${this.liveTables.size}`, live };
      if (found !== undefined) {
        this.liveTables.set(key, found);
      }
    }
    if (onlyAddsRows(node)) {
      // Another plan may read other columns of the same rows.
      this.operatorOf(node).store(columns);
    }
    return found;
  }

  private compileLive(node: RelationNode): LiveTable | undefined {
    if (onlyAddsRows(node)) {
      return this.operatorOf(node).store([]);
    }
    if (node.kind === 'aggregate' && onlyAddsRows(node.input)) {
      return this.aggregateOf(node);
    }
    if (
      node.kind === 'top' &&
      node.count === 1 &&
      node.input.kind === 'aggregate' &&
      onlyAddsRows(node.input.input)
    ) {
      const number = largestFirst(node, node.input);
      if (number !== undefined) {
        const Top = this.rowsLeave ? RankedRows : TopRows;
        return new Top(this.operatorOf(node.input.input), node, node.input, number);
      }
      const Top = this.rowsLeave ? RankedGroups : TopGroups;
      return canKeepTop(node, node.input)
        ? new Top(this.aggregateOf(node.input), node.by, node.order)
        : undefined;
    }
    return undefined;
  }

  private aggregateOf(node: AggregateRelation): Aggregate {
    return cached(this.aggregates, node, () => new Aggregate(this.operatorOf(node.input), node));
  }

  private operatorOf(node: RelationNode): Operator {
    return cached(this.operators, node, () => this.newOperator(node));
  }

  /** The key of a join: joins on columns of the same names and types share one, and its ids. */
  private joinKeyOf({ on, left }: Extract<RelationNode, { kind: 'join' | 'semi_join' }>): JoinKey {
    const columns = on.map((column) => [column, left.schema[column]]);
    return cached(this.joinKeys, columns, () => new JoinKey(on));
  }

  private newOperator(node: RelationNode): Operator {
    switch (node.kind) {
      case 'source': {
        const source = new Source(node.schema, this.arena, this.rowsLeave);
        this.sources.set(node.name, source);
        return source;
      }
      case 'select':
        return new Project(node.schema, this.operatorOf(node.input), node.columns);
      case 'where':
        return new Filter(this.operatorOf(node.input), node.condition);
      case 'distinct':
        return new Distinct(this.operatorOf(node.input));
      case 'explode':
        return new Explode(this.operatorOf(node.input), node);
      case 'join': {
        const [left, right] = [this.operatorOf(node.left), this.operatorOf(node.right)];
        return new Join(node.schema, left, right, this.joinKeyOf(node));
      }
      case 'semi_join': {
        const inputs = [
          this.operatorOf(node.left),
          this.operatorOf(node.right),
          this.joinKeyOf(node),
        ] as const;
        return this.rowsLeave ? new CountedSemiJoin(...inputs) : new SemiJoin(...inputs);
      }
      case 'union':
        return new Union(this.operatorOf(node.left), this.operatorOf(node.right));
      case 'left_join':
      case 'anti_join':
      case 'aggregate':
      case 'top':
      case 'window':
      case 'order':
        throw new TypeError(`The relation "${node.kind}" can lose rows, so it is not an operator.`);
      default:
        return unknownNode(node);
    }
  }
}

/** The value for a description, made at its first use. */
function cached<T>(values: Map<string, T>, description: object, make: () => T): T {
  const key = JSON.stringify(description);
  const value = values.get(key) ?? make();
  values.set(key, value);
  return value;
}

/** Tells if rows that come to the sources only ever add rows to the relation. */
function onlyAddsRows(node: RelationNode): boolean {
  switch (node.kind) {
    case 'left_join':
    case 'anti_join':
    case 'aggregate':
    case 'top':
    case 'window':
    case 'order':
      return false;
    case 'source':
    case 'select':
    case 'where':
    case 'distinct':
    case 'explode':
    case 'join':
    case 'semi_join':
    case 'union':
      return inputsOf(node).every(onlyAddsRows);
    default:
      return unknownNode(node);
  }
}
