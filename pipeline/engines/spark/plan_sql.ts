/**
 * Prints a plan as one readable Spark SQL query: common table expressions named after their rows, each clause and each
 * column on its own line. Written for Spark 4.0 (Databricks Runtime 17) in ANSI mode with the session time zone UTC.
 *
 * A relation joins the SELECT of its input as long as SQL runs its clause after those that are filled already.
 * Otherwise the input becomes a common table expression.
 */
import { type RelationNode, sourcesOf, unknownNode } from '../../plan/relation.ts';
import { conjuncts } from '../../plan/walk.ts';
import { type Block, type Clause, clauses, everyColumn, indented, printBlock } from './block.ts';
import { aggregateSql, expressionSql, type SparkForms, sparkForms } from './expression.ts';
import { laidOut } from './line_breaks.ts';
import * as naming from './naming.ts';
import { orderBy, overClause, windowSql } from './order_sql.ts';
import { identifier } from './quoting.ts';

export interface SqlOptions {
  /** A source in SQL, for example ``delta.`/lake/silver/pin` ``. Default: its name in backticks. */
  readonly relationOf?: (source: string) => string;
  readonly forms?: SparkForms;
}

/** A complete query without a semicolon. Its columns have the order and types of the plan's. */
export function planSql(plan: RelationNode, options: SqlOptions = {}): string {
  const { expressions, last } = new Printer(plan, options).print();
  if (expressions.length === 0) {
    return last;
  }
  const parts = expressions.map(({ name, sql }) => `${identifier(name)} AS (\n${indented(sql)}\n)`);
  return `WITH\n${parts.join(',\n')}\n${last}`;
}

/** Prints one plan, collecting common table expressions in the order of need. */
class Printer {
  private readonly expressions: { readonly name: string; readonly sql: string }[] = [];
  private readonly names: naming.Names;
  private readonly relationOf: (source: string) => string;
  private readonly forms: SparkForms;
  /** The common table expression of a relation, so that a relation that is used twice is printed once. */
  private readonly nameOf = new Map<RelationNode, string>();

  constructor(
    private readonly plan: RelationNode,
    options: SqlOptions,
  ) {
    // An expression of a source's name would hide it.
    this.names = new naming.Names(sourcesOf(plan).keys());
    this.relationOf = options.relationOf ?? identifier;
    this.forms = options.forms ?? sparkForms;
  }

  print() {
    const last = printBlock(this.blockOf(this.plan));
    return { expressions: this.expressions, last };
  }

  private blockOf(node: RelationNode): Block {
    switch (node.kind) {
      case 'source':
        return blockFrom([named(this.relationOf(node.name), node.name)], node.name, node.schema);
      case 'select': {
        const block = this.blockWith('select', node.input);
        const columns = Object.entries(node.columns).map(([name, expression]) => ({
          name,
          sql: laidOut(expressionSql(expression, this.forms)),
        }));
        return { ...block, upTo: 'select', columns, holds: naming.selected(node, block.holds) };
      }
      case 'where': {
        const block = this.blockWith('where', node.input);
        const added = conjuncts(node.condition).map((condition) => expressionSql(condition, this.forms));
        const where = [...block.where, ...added];
        return { ...block, upTo: 'where', where, holds: naming.chosen(node, block.holds) };
      }
      case 'distinct': {
        const block = this.blockWith('distinct', node.input);
        return { ...block, upTo: 'distinct', distinct: true, holds: naming.distinct(block.holds) };
      }
      case 'explode': {
        const block = this.blockWith('select', node.input);
        const columns = Object.keys(node.schema).map((name) => ({
          name,
          sql: name === node.as ? `explode(${identifier(node.column)})` : identifier(name),
        }));
        return { ...block, upTo: 'select', columns, holds: naming.exploded(node, block.holds) };
      }
      case 'join':
        return this.joined('INNER JOIN', node, naming.joined);
      case 'left_join':
        return this.joined('LEFT JOIN', node, naming.joined);
      case 'semi_join':
        return this.joined('LEFT SEMI JOIN', node, naming.semiJoined);
      case 'anti_join':
        return this.joined('LEFT ANTI JOIN', node, naming.antiJoined);
      case 'union': {
        const { name, sql } = this.united(node);
        return blockFrom([sql], name, node.schema);
      }
      case 'aggregate': {
        const block = this.blockWith('select', node.input);
        const groupBy = node.by.map(identifier);
        const aggregates = Object.entries(node.aggregates).map(([name, aggregate]) => ({
          name,
          sql: aggregateSql(aggregate, this.forms),
        }));
        const columns = [...node.by.map((name) => ({ name, sql: identifier(name) })), ...aggregates];
        return { ...block, upTo: 'select', groupBy, columns, holds: naming.aggregated(node) };
      }
      case 'top':
        return node.by.length === 0 ? this.firstRows(node) : this.topOfEach(node);
      case 'window': {
        const block = this.blockWith('select', node.input);
        const added = Object.entries(node.windows).map(([name, window]) => ({
          name,
          sql: windowSql(window, node, this.forms),
        }));
        const columns = [...block.columns, ...added];
        return { ...block, upTo: 'select', columns, holds: naming.windowed(node, block.holds) };
      }
      case 'order': {
        const block = this.blockWith('order', node.input);
        return { ...block, upTo: 'order', orderBy: orderBy(node.order), holds: naming.ordered(block.holds) };
      }
      default:
        return unknownNode(node);
    }
  }

  /** The input's SELECT when the clause can still be added to it, else one that reads from it. */
  private blockWith(clause: Clause, input: RelationNode): Block {
    const existing = this.nameOf.get(input);
    if (existing !== undefined) {
      return blockFrom([identifier(existing)], existing, input.schema);
    }
    const block = this.blockOf(input);
    // WHERE after WHERE is one more AND. No other clause can occur twice.
    const fits =
      clauses.indexOf(block.upTo) < clauses.indexOf(clause) || (clause === 'where' && block.upTo === 'where');
    return fits ? block : this.blockFromExpression(input, block);
  }

  private blockFromExpression(node: RelationNode, block: Block): Block {
    const name = this.expressionFor(node, block);
    return blockFrom([identifier(name)], name, node.schema);
  }

  private expressionFor(node: RelationNode, block: Block): string {
    const name = this.names.unused(block.holds);
    this.expressions.push({ name, sql: printBlock(block) });
    this.nameOf.set(node, name);
    return name;
  }

  /** A source by itself, any other relation as a common table expression. */
  private relationFor(node: RelationNode): Relation {
    if (node.kind === 'source') {
      return { name: node.name, sql: this.relationOf(node.name) };
    }
    const existing = this.nameOf.get(node);
    if (existing === undefined && node.kind === 'union') {
      return this.united(node);
    }
    const name = existing ?? this.expressionFor(node, this.blockOf(node));
    return { name, sql: identifier(name) };
  }

  private joined(
    verb: string,
    node: Pick<Extract<RelationNode, { kind: 'join' }>, 'left' | 'right' | 'on' | 'schema'>,
    nameOf: (left: string, right: string) => string,
  ): Block {
    const left = this.relationFor(node.left);
    const right = this.relationFor(node.right);
    const rightName = left.name === right.name ? this.names.unused(`other_${right.name}`) : right.name;
    // USING gives each key column once, so that all column names stay unambiguous.
    const from = [
      named(left.sql, left.name),
      `${verb} ${named(right.sql, rightName)}`,
      `  USING (${node.on.map(identifier).join(', ')})`,
    ];
    return blockFrom(from, nameOf(left.name, rightName), node.schema);
  }

  /** A common table expression of both sides. UNION ALL takes columns by place, so both are printed in one order. */
  private united(node: RelationNode & { readonly kind: 'union' }): Relation {
    const names = Object.keys(node.schema);
    const sides = [node.left, node.right].map((input) => {
      const block = this.blockWith('order', input);
      const columns = block.columns.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
      return { ...block, columns };
    });
    const name = this.names.unused(naming.united(sides.map(({ holds }) => holds)));
    this.expressions.push({ name, sql: sides.map(printBlock).join('\nUNION ALL\n') });
    this.nameOf.set(node, name);
    return { name, sql: identifier(name) };
  }

  private firstRows({ input, order, count }: RelationNode & { readonly kind: 'top' }): Block {
    const block = this.blockWith('order', input);
    const holds = count === 1 ? 'top_row' : `top_${count}_rows`;
    return { ...block, upTo: 'order', orderBy: orderBy(order), limit: count, holds };
  }

  private topOfEach(node: RelationNode & { readonly kind: 'top' }): Block {
    const input = this.relationFor(node.input);
    const from = [named(input.sql, input.name)];
    const rank = naming.unusedColumn('place', node.schema);
    const place = `row_number() ${overClause({ by: node.by, order: node.order })}`;
    const ranked = this.names.unused(`ranked_in_each_${node.by.join('_and_')}`);
    const columns = [...everyColumn(node.schema), { name: rank, sql: place }];
    const block = { ...blockFrom(from, ranked, node.schema), columns };
    this.expressions.push({ name: ranked, sql: printBlock(block) });
    return {
      ...blockFrom([identifier(ranked)], `top_of_each_${node.by.join('_and_')}`, node.schema),
      upTo: 'where',
      where: [`${identifier(rank)} ${node.count === 1 ? '=' : '<='} ${node.count}`],
    };
  }
}

/** A relation that FROM can name. */
interface Relation {
  readonly name: string;
  readonly sql: string;
}

/** Gives a relation a name. */
function named(sql: string, name: string): string {
  return sql === identifier(name) ? sql : `${sql} AS ${identifier(name)}`;
}

function blockFrom(from: readonly string[], holds: string, schema: object): Block {
  const columns = everyColumn(schema);
  return { holds, upTo: 'from', from, where: [], columns, distinct: false, groupBy: [], orderBy: [] };
}
