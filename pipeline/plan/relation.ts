/** The relations of a plan as plain data. Each has the schema of its rows, which was checked when it was built. */
import type { AggregateName } from './aggregates.ts';
import type { ExpressionNode } from './expression.ts';
import type { Schema } from './types.ts';
import type { WindowName } from './windows.ts';

export interface SortKey {
  readonly column: string;
  readonly descending: boolean;
}

/** A relation of two others by equality in the named columns; a null equals nothing. */
interface JoinOf<Kind extends string> {
  readonly kind: Kind;
  readonly schema: Schema;
  readonly left: RelationNode;
  readonly right: RelationNode;
  readonly on: readonly string[];
}

export type RelationNode =
  /** The rows of a named table. */
  | { readonly kind: 'source'; readonly schema: Schema; readonly name: string }
  /** One expression for each column of the result. */
  | {
      readonly kind: 'select';
      readonly schema: Schema;
      readonly input: RelationNode;
      readonly columns: Readonly<Record<string, ExpressionNode>>;
    }
  /** The rows for which the condition is true: neither false nor null. */
  | {
      readonly kind: 'where';
      readonly schema: Schema;
      readonly input: RelationNode;
      readonly condition: ExpressionNode;
    }
  /** One of all rows that are equal in every column, nulls being equal. */
  | { readonly kind: 'distinct'; readonly schema: Schema; readonly input: RelationNode }
  /** One row for each element of an array, which takes the array's place; none for an empty array and for null. */
  | {
      readonly kind: 'explode';
      readonly schema: Schema;
      readonly input: RelationNode;
      /** The column of arrays. */
      readonly column: string;
      /** The name of the column of elements. */
      readonly as: string;
    }
  /** Every pair of rows that are equal in the named columns. */
  | JoinOf<'join'>
  /** The same, and each row of the left that is in no pair, with nulls for the columns of the right. */
  | JoinOf<'left_join'>
  /** The rows of the left that equal a row of the right. */
  | JoinOf<'semi_join'>
  /** The rows of the left that equal no row of the right. */
  | JoinOf<'anti_join'>
  /** All rows of both, which have the same columns. */
  | {
      readonly kind: 'union';
      readonly schema: Schema;
      readonly left: RelationNode;
      readonly right: RelationNode;
    }
  /** One row for each group of rows equal in the named columns, nulls being equal. */
  | {
      readonly kind: 'aggregate';
      readonly schema: Schema;
      readonly input: RelationNode;
      readonly by: readonly string[];
      readonly aggregates: Readonly<Record<string, AggregateNode>>;
    }
  /** The first rows of each group in an order that leaves no ties; sorted in this order where there is one group. */
  | {
      readonly kind: 'top';
      readonly schema: Schema;
      readonly input: RelationNode;
      readonly by: readonly string[];
      readonly order: readonly SortKey[];
      readonly count: number;
    }
  /** All rows, each with columns that are computed from the rows of its group in an order. */
  | {
      readonly kind: 'window';
      readonly schema: Schema;
      readonly input: RelationNode;
      readonly by: readonly string[];
      readonly order: readonly SortKey[];
      /** All other columns, so that no two different rows tie. */
      readonly ties: readonly SortKey[];
      readonly windows: Readonly<Record<string, WindowNode>>;
    }
  /** All rows, sorted: nulls first ascending, last descending. */
  | {
      readonly kind: 'order';
      readonly schema: Schema;
      readonly input: RelationNode;
      readonly order: readonly SortKey[];
    };

export interface AggregateNode {
  readonly function: AggregateName;
  /** Columns of the input. */
  readonly arguments: readonly string[];
  /** Share of the values that lie below a percentile. */
  readonly fraction?: number;
}

export interface WindowNode {
  readonly function: WindowName;
  /** Columns of the input. */
  readonly arguments: readonly string[];
  /** For a function that looks a number of rows away. */
  readonly offset?: number;
}

/** The relations that a relation reads directly. */
export function inputsOf(node: RelationNode): readonly RelationNode[] {
  switch (node.kind) {
    case 'source':
      return [];
    case 'join':
    case 'left_join':
    case 'semi_join':
    case 'anti_join':
    case 'union':
      return [node.left, node.right];
    case 'select':
    case 'where':
    case 'distinct':
    case 'explode':
    case 'aggregate':
    case 'top':
    case 'window':
    case 'order':
      return [node.input];
    default:
      return unknownNode(node);
  }
}

/** The sources that a plan reads, each once, in the order of first use. */
export function sourcesOf(node: RelationNode): ReadonlyMap<string, Schema> {
  if (node.kind === 'source') {
    return new Map([[node.name, node.schema]]);
  }
  return new Map(inputsOf(node).flatMap((input) => [...sourcesOf(input)]));
}

/** The default of a switch over kinds of nodes, which TypeScript proves unreachable. */
export function unknownNode(node: never): never {
  throw new TypeError(`Unknown kind of node: ${JSON.stringify(node)}.`);
}
