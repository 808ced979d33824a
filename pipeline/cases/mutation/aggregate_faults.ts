/** Faults in aggregates: another aggregate of the same type, or fewer columns. */
import { type AggregateFunction, aggregates } from '../../plan/aggregates.ts';
import type { AggregateNode } from '../../plan/relation.ts';
import { columnType, orderedTypes, type Schema } from '../../plan/types.ts';
import { typeIfItFits, withoutOne } from './rewriting.ts';

export function* aggregateFaults(node: AggregateNode, schema: Schema): Iterable<AggregateNode> {
  const typeOf = ({ function: name, arguments: columns }: AggregateNode) => {
    const { type }: AggregateFunction = aggregates[name];
    return typeIfItFits(() => type(columns.map((column) => columnType(schema, column))));
  };
  const ordered = Object.keys(schema).filter((name) => orderedTypes.some((type) => type === schema[name]));
  // An aggregate without a column is taken for one of all columns.
  const columnsOf = node.arguments.length === 0 ? [[], ordered] : [node.arguments, []];
  const others = Object.keys(aggregates)
    // A percentile needs a fraction, which the others have not.
    .filter((name) => name !== node.function && (name !== 'percentile' || node.fraction !== undefined))
    .filter(isAggregate)
    .flatMap((name) => columnsOf.map((columns) => ({ ...node, function: name, arguments: columns })));
  const fewer = withoutOne(node.arguments).map((columns) => ({ ...node, arguments: columns }));
  const { fraction } = node;
  const moved = fraction === undefined ? [] : [{ ...node, fraction: fraction / 2 }];
  yield* [...others, ...fewer, ...moved].filter((other) => typeOf(other) === typeOf(node));
}

function isAggregate(name: string): name is keyof typeof aggregates {
  return Object.hasOwn(aggregates, name);
}
