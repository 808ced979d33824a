/** Column lineage: the source columns that each column of a plan's rows depends on, told from the plan alone. */
import type { ExpressionNode } from './expression.ts';
import { type RelationNode, unknownNode } from './relation.ts';
import { columnsOf, columnsReadBy } from './walk.ts';

/** A column of a source, written `source.column`. */
export type SourceColumn = `${string}.${string}`;

/** The part of a plan in which a source column decides which rows there are, or how they are grouped and sorted. */
export type RowRole = 'condition' | 'join' | 'group' | 'distinct' | 'explode' | 'order';

/** The dependencies of a relation's rows. A source column that is in neither changes nothing when its values change. */
export interface Lineage {
  /** For each column, the source columns from which its values are computed. */
  readonly values: ReadonlyMap<string, ReadonlySet<SourceColumn>>;
  /** The source columns that decide which rows there are, with the parts in which they do: any change may move every column. */
  readonly rows: ReadonlyMap<SourceColumn, ReadonlySet<RowRole>>;
  /** The source columns that decide the order of the rows alone. */
  readonly sorted: ReadonlySet<SourceColumn>;
}

/**
 * Tells the lineage of a relation. It may name a column that happens to make no difference; it never leaves one out that does.
 * @example
 * lineageOf(topUserByCountry.plan).values.get('follower_count'); // Set { 'pin.follower_count' }
 */
export function lineageOf(node: RelationNode): Lineage {
  switch (node.kind) {
    case 'source': {
      const columns = Object.keys(node.schema);
      return {
        values: new Map(columns.map((name) => [name, new Set([`${node.name}.${name}` as const])])),
        rows: new Map(),
        sorted: new Set(),
      };
    }
    case 'select': {
      const input = lineageOf(node.input);
      return { ...input, values: computed(input, Object.entries(node.columns)) };
    }
    case 'where': {
      const input = lineageOf(node.input);
      return withRows(input, 'condition', valuesOf(input, columnsOf(node.condition)));
    }
    case 'distinct': {
      const input = lineageOf(node.input);
      return withRows(input, 'distinct', valuesOf(input, input.values.keys()));
    }
    case 'explode': {
      const input = lineageOf(node.input);
      const elements = valuesOf(input, [node.column]);
      const values = Object.keys(node.schema).map(
        (name) => [name, name === node.as ? elements : valuesOf(input, [name])] as const,
      );
      return withRows({ ...input, values: new Map(values) }, 'explode', elements);
    }
    case 'join':
    case 'left_join':
    case 'semi_join':
    case 'anti_join': {
      const left = lineageOf(node.left);
      const right = lineageOf(node.right);
      const pairs = node.kind === 'join' || node.kind === 'left_join';
      const both = {
        // A column that is joined on has equal values on both sides: those of the left are the result's.
        values: new Map([...(pairs ? right.values : []), ...left.values]),
        rows: merged(left.rows, right.rows),
        sorted: new Set<SourceColumn>(),
      };
      return [left, right].reduce(
        (lineage, side) => withRows(lineage, 'join', valuesOf(side, node.on)),
        both,
      );
    }
    case 'union': {
      const left = lineageOf(node.left);
      const right = lineageOf(node.right);
      const values = Object.keys(node.schema).map(
        (name) => [name, new Set([...valuesOf(left, [name]), ...valuesOf(right, [name])])] as const,
      );
      return { values: new Map(values), rows: merged(left.rows, right.rows), sorted: new Set() };
    }
    case 'aggregate': {
      const input = lineageOf(node.input);
      const groups = node.by.map((name) => [name, valuesOf(input, [name])] as const);
      const aggregates = Object.entries(node.aggregates).map(
        ([name, aggregate]) => [name, valuesOf(input, aggregate.arguments)] as const,
      );
      const values = new Map([...groups, ...aggregates]);
      return withRows({ ...input, values }, 'group', valuesOf(input, node.by));
    }
    case 'top': {
      const input = lineageOf(node.input);
      const grouped = withRows(input, 'group', valuesOf(input, node.by));
      const order = node.order.map(({ column }) => column);
      return withRows(grouped, 'order', valuesOf(input, order));
    }
    case 'window': {
      const input = lineageOf(node.input);
      const added = Object.entries(node.windows).map(
        ([name, window]) => [name, valuesOf(input, columnsReadBy(window, node))] as const,
      );
      return { ...input, values: new Map([...input.values, ...added]) };
    }
    case 'order': {
      const input = lineageOf(node.input);
      const order = node.order.map(({ column }) => column);
      return { ...input, sorted: valuesOf(input, order) };
    }
    default:
      return unknownNode(node);
  }
}

/** The columns of the rows that may change when the values of a source column do. */
export function columnsMovedBy({ values, rows }: Lineage, source: SourceColumn): readonly string[] {
  return [...values].flatMap(([column, from]) => (rows.has(source) || from.has(source) ? [column] : []));
}

function computed(
  input: Lineage,
  columns: readonly (readonly [string, ExpressionNode])[],
): Lineage['values'] {
  return new Map(columns.map(([name, expression]) => [name, valuesOf(input, columnsOf(expression))]));
}

function valuesOf({ values }: Lineage, columns: Iterable<string>): ReadonlySet<SourceColumn> {
  return new Set([...columns].flatMap((name) => [...(values.get(name) ?? [])]));
}

function withRows(lineage: Lineage, role: RowRole, columns: ReadonlySet<SourceColumn>): Lineage {
  const roles = new Map([...columns].map((column) => [column, new Set([role])] as const));
  return { ...lineage, rows: merged(lineage.rows, roles) };
}

function merged(a: Lineage['rows'], b: Lineage['rows']): Lineage['rows'] {
  const columns = new Set([...a.keys(), ...b.keys()]);
  return new Map(
    [...columns].map((column) => [column, new Set([...(a.get(column) ?? []), ...(b.get(column) ?? [])])]),
  );
}
