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
  'left_join',
  'semi_join',
  'anti_join',
  'union',
  'aggregate',
  'top',
  'window',
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
    case 'left_join':
      yield { ...node, kind: node.kind === 'join' ? 'left_join' : 'join' };
      yield sideAlone(node, node.left);
      yield sideAlone(node, node.right);
      yield* withoutOne(node.on).map((on) => ({ ...node, on, right: onlyColumns(node.right, node.on, on) }));
      break;
    case 'semi_join':
    case 'anti_join':
      yield { ...node, kind: node.kind === 'semi_join' ? 'anti_join' : 'semi_join' };
      yield node.left;
      yield* withoutOne(node.on).map((on) => ({ ...node, on }));
      break;
    case 'union':
      yield node.left;
      yield node.right;
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
      yield* node.by.map((name) => ({ ...node, by: node.by.filter((other) => other !== name) }));
      yield* [...orderFaults(node.order)].map((order) => ({ ...node, order }));
      yield { ...node, count: node.count + 1 };
      break;
    case 'window':
      yield* node.by.map((name) => ({ ...node, by: node.by.filter((other) => other !== name) }));
      yield* turnedKeys(node.order).map((order) => ({ ...node, order }));
      break;
    case 'order':
      yield node.input;
      for (const order of orderFaults(node.order)) {
        yield { ...node, order };
      }
      break;
  }
}

/** The right side of a join without the keys that are not joined on any more: a join has no other column twice. */
function onlyColumns(input: RelationNode, keys: readonly string[], kept: readonly string[]): RelationNode {
  const schema = Object.fromEntries(
    Object.entries(input.schema).filter(([name]) => kept.includes(name) || !keys.includes(name)),
  );
  const columns = Object.keys(schema).map((name) => [name, { kind: 'column', name } as const]);
  return { kind: 'select', schema, input, columns: Object.fromEntries(columns) };
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

function turnedKeys(order: readonly SortKey[]): readonly (readonly SortKey[])[] {
  return order.map((key, at) => order.with(at, { ...key, descending: !key.descending }));
}

/** Another order: a key turned, a key left out, two keys the other way round. */
function* orderFaults(order: readonly SortKey[]): Iterable<readonly SortKey[]> {
  yield* turnedKeys(order);
  yield* withoutOne(order);
  for (const [at, key] of order.entries()) {
    const next = order[at + 1];
    if (next !== undefined) {
      yield order.with(at, next).with(at + 1, key);
    }
  }
}
