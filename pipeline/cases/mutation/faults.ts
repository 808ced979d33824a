/** Plants faults in a plan by rewriting it: plans are data. Each fault is one rewriting, and keeps the columns and their types. */
import { inputsOf, type RelationNode, type SortKey } from '../../plan/relation.ts';
import { mapInputs } from '../../plan/walk.ts';
import { aggregateFaults } from './aggregate_faults.ts';
import { expressionFaults } from './expression_faults.ts';
import { withoutOne } from './rewriting.ts';

/** The kinds of relations that faults are planted in. Others are left as they are; faults are planted below them. */
export const faultyKinds: readonly string[] = [
  'select',
  'where',
  'distinct',
  'join',
  'aggregate',
  'top',
  'order',
];

/** All plans with one fault, each once. */
export function faultsOf(plan: RelationNode): readonly RelationNode[] {
  const different = new Map([...rewritten(plan)].map((faulty) => [JSON.stringify(faulty), faulty]));
  different.delete(JSON.stringify(plan));
  return [...different.values()];
}

function* rewritten(node: RelationNode): Iterable<RelationNode> {
  for (const input of inputsOf(node)) {
    for (const faulty of rewritten(input)) {
      yield mapInputs(node, (each) => (each === input ? faulty : each));
    }
  }
  yield* ownFaults(node);
}

function* ownFaults(node: RelationNode): Iterable<RelationNode> {
  switch (node.kind) {
    case 'select':
      for (const [name, expression] of Object.entries(node.columns)) {
        for (const faulty of expressionFaults(expression, node.input.schema)) {
          yield { ...node, columns: { ...node.columns, [name]: faulty } };
        }
      }
      break;
    case 'where':
      yield node.input;
      for (const condition of expressionFaults(node.condition, node.input.schema)) {
        yield { ...node, condition };
      }
      break;
    case 'distinct':
      yield node.input;
      break;
    case 'join':
      yield sideAlone(node, node.left);
      yield sideAlone(node, node.right);
      for (const on of withoutOne(node.on)) {
        yield { ...node, on };
      }
      break;
    case 'aggregate':
      for (const [name, aggregate] of Object.entries(node.aggregates)) {
        for (const faulty of aggregateFaults(aggregate, node.input.schema)) {
          yield { ...node, aggregates: { ...node.aggregates, [name]: faulty } };
        }
      }
      break;
    case 'top':
      yield node.input;
      for (const name of node.by) {
        yield { ...node, by: node.by.filter((other) => other !== name) };
      }
      for (const order of orderFaults(node.order)) {
        yield { ...node, order };
      }
      break;
    case 'order':
      yield node.input;
      for (const order of orderFaults(node.order)) {
        yield { ...node, order };
      }
      break;
  }
}

/** One side of a join with nulls for the columns of the other: the join is dropped. */
function sideAlone({ schema }: RelationNode, input: RelationNode): RelationNode {
  const columns = Object.entries(schema).map(([name, type]) => [
    name,
    Object.hasOwn(input.schema, name)
      ? ({ kind: 'column', name } as const)
      : ({ kind: 'literal', type, value: null } as const),
  ]);
  return { kind: 'select', schema, input, columns: Object.fromEntries(columns) };
}

/** Another order: a key turned, a key left out, two keys the other way round. */
function* orderFaults(order: readonly SortKey[]): Iterable<readonly SortKey[]> {
  yield* order.map((key, at) => order.with(at, { ...key, descending: !key.descending }));
  yield* withoutOne(order);
  for (const [at, key] of order.entries()) {
    const next = order[at + 1];
    if (next !== undefined) {
      yield order.with(at, next).with(at + 1, key);
    }
  }
}
