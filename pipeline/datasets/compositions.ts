/** Recognises the compositions of this folder by their shape. */
import { column, type ExpressionNode } from '../plan/expression.ts';
import { matchTemplate } from '../plan/template.ts';
import { coordinates } from './coordinates.ts';
import { joinWords } from './join_words.ts';

const templates = {
  coordinates: coordinates(column('first', 'double'), column('second', 'double')).node,
  join_words: joinWords(column('first', 'text'), column('second', 'text')).node,
} as const satisfies Readonly<Record<string, ExpressionNode>>;

export type CompositionName = keyof typeof templates;

export interface Composition {
  readonly name: CompositionName;
  readonly operands: readonly [first: ExpressionNode, second: ExpressionNode];
}

const names: readonly CompositionName[] = ['coordinates', 'join_words'];

/** The composition that an expression is; undefined when it is none. */
export function compositionOf(node: ExpressionNode): Composition | undefined {
  for (const name of names) {
    const operands = matchTemplate(templates[name], node);
    const [first, second] = [operands?.get('first'), operands?.get('second')];
    if (first !== undefined && second !== undefined) {
      return { name, operands: [first, second] };
    }
  }
  return;
}
