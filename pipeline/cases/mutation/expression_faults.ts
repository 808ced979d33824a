/** Faults in expressions: another literal, another function, or a part left out. All have the type of the expression. */
import type { ExpressionNode } from '../../plan/expression.ts';
import { type FunctionName, functions, type ScalarFunction } from '../../plan/functions.ts';
import { millisecondsInDay } from '../../plan/timestamp.ts';
import { type ColumnType, columnType, type Schema, type Value } from '../../plan/types.ts';
import { typeIfItFits } from './rewriting.ts';

/** Functions that are easily taken for each other: those that need no more than another name. */
const confused: Readonly<Record<string, readonly string[]>> = {
  at_least: ['more_than', 'at_most'],
  at_most: ['less_than', 'at_least'],
  less_than: ['at_most', 'more_than'],
  more_than: ['at_least', 'less_than'],
  equals: ['not_equals'],
  not_equals: ['equals'],
  is_null: ['is_not_null'],
  is_not_null: ['is_null'],
  and: ['or'],
  or: ['and'],
  add: ['subtract'],
  subtract: ['add'],
  multiply: ['add'],
  add_doubles: ['subtract_doubles'],
  subtract_doubles: ['add_doubles'],
  multiply_doubles: ['divide'],
  divide: ['multiply_doubles'],
  least: ['greatest'],
  greatest: ['least'],
  floor: ['ceil'],
  ceil: ['floor'],
  lower: ['upper'],
  upper: ['lower'],
  year: ['month'],
  quarter: ['month'],
  month: ['quarter'],
  day_of_month: ['day_of_week'],
  day_of_week: ['day_of_month'],
  iso_week: ['month'],
};

/** Functions that give the same for their operands in either order. */
const commutative: ReadonlySet<string> = new Set([
  ...['and', 'or', 'equals', 'not_equals', 'add', 'add_doubles', 'multiply', 'multiply_doubles'],
  ...['least', 'greatest'],
]);

export function* expressionFaults(node: ExpressionNode, schema: Schema): Iterable<ExpressionNode> {
  if (node.kind === 'literal') {
    yield* otherLiterals(node.type, node.value).map((value) => ({ ...node, value }));
  }
  if (node.kind !== 'call') {
    return;
  }
  const type = typeOf(node, schema);
  for (const [at, argument] of node.arguments.entries()) {
    for (const faulty of expressionFaults(argument, schema)) {
      yield { ...node, arguments: node.arguments.with(at, faulty) };
    }
  }
  const { arguments: operands } = node;
  const { literalSecond }: ScalarFunction = functions[node.function];
  const others = [
    // A condition, a null check or a function is dropped, and its operand left.
    ...operands,
    // Another function.
    ...(confused[node.function] ?? []).flatMap((name) =>
      isFunction(name) ? [{ ...node, function: name }] : [],
    ),
    ...(literalSecond ? [] : otherOperands(node)),
  ];
  yield* others.filter((other) => typeOf(other, schema) === type);
}

/** A value, or a condition and its value, left out; operands the wrong way round. */
function otherOperands(node: ExpressionNode & { readonly kind: 'call' }): readonly ExpressionNode[] {
  const { arguments: operands } = node;
  const [first, second, ...rest] = operands;
  return [
    ...operands.map((_, at) => ({ ...node, arguments: operands.toSpliced(at, 1) })),
    ...operands.map((_, at) => ({ ...node, arguments: operands.toSpliced(at, 2) })),
    ...(first !== undefined && second !== undefined && !commutative.has(node.function)
      ? [{ ...node, arguments: [second, first, ...rest] }]
      : []),
  ];
}

function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(functions, name);
}

/** The type of an expression; undefined when its operands do not fit. */
function typeOf(node: ExpressionNode, schema: Schema): ColumnType | undefined {
  if (node.kind === 'literal') {
    return node.type;
  }
  if (node.kind === 'column') {
    return columnType(schema, node.name);
  }
  const scalar: ScalarFunction = functions[node.function];
  const types = node.arguments.map((argument) => typeOf(argument, schema));
  const known = types.filter((type) => type !== undefined);
  if (known.length < types.length || (scalar.literalSecond && node.arguments[1]?.kind !== 'literal')) {
    return undefined;
  }
  return typeIfItFits(() => scalar.type(known));
}

/** Literals of the same type: numbers and times one less and one more, any other text, the other condition. */
function otherLiterals(type: ColumnType, value: Value): readonly Value[] {
  if (typeof value === 'number') {
    const unit = type === 'date' ? millisecondsInDay : type === 'timestamp' ? 1000 : 1;
    return [value - unit, value + unit].filter(
      (other) => !Number.isInteger(other) || Number.isSafeInteger(other),
    );
  }
  if (typeof value === 'boolean') {
    return [!value];
  }
  return typeof value === 'string' ? [`${value}~`] : [];
}
