/** Reads YAML with the line of every mistake. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
} from 'yaml';
import type { Written } from './values.ts';

/** Mistakes in a file of cases, each with file and line. */
export class CaseError extends Error {
  override readonly name = 'CaseError';
}

/** The entry of a mapping: its key and its value, with their places. */
export interface Entry {
  readonly key: Node;
  readonly value: Node | null;
}

/** A YAML file that is being read. Mistakes are gathered, so that all are told at once. */
export class YamlReader {
  private readonly document: Document.Parsed;
  private readonly counter = new LineCounter();
  private readonly mistakes: string[] = [];

  constructor(
    private readonly file: string,
    text: string,
  ) {
    this.document = parseDocument(text, {
      lineCounter: this.counter,
      intAsBigInt: true,
      prettyErrors: false,
    });
    for (const { message, pos } of this.document.errors) {
      this.mistakes.push(`${file}:${this.counter.linePos(pos[0]).line}: ${message}`);
    }
    this.throwMistakes();
  }

  get root(): Node | null {
    return this.document.contents;
  }

  lineOf(node: Node | null): number {
    return this.counter.linePos(node?.range?.[0] ?? 0).line;
  }

  mistake(at: Node | null, message: string): void {
    this.mistakes.push(`${this.file}:${this.lineOf(at)}: ${message}`);
  }

  /** @throws CaseError when there are any */
  throwMistakes(): void {
    if (this.mistakes.length > 0) {
      throw new CaseError(this.mistakes.join('\n'));
    }
  }

  /** The entries of a mapping by name; undefined, with a mistake, for anything else. */
  entries(node: Node | null, what: string): ReadonlyMap<string, Entry> | undefined {
    const resolved = this.resolved(node);
    if (!isMap<Node, Node | null>(resolved)) {
      this.mistake(node, `${what} must be a mapping, as {name: value}.`);
      return undefined;
    }
    return new Map(
      resolved.items.map(({ key, value }) => [String(isScalar(key) ? key.value : key), { key, value }]),
    );
  }

  /** The entries of a mapping of these names, the others being mistakes. */
  entriesOf(
    node: Node | null,
    what: string,
    names: readonly string[],
  ): ReadonlyMap<string, Entry> | undefined {
    const entries = this.entries(node, what);
    for (const [name, { key }] of entries ?? []) {
      if (!names.includes(name)) {
        this.mistake(key, `${what} has no "${name}"; it has ${names.join(', ')}.`);
      }
    }
    return entries;
  }

  /** The items of a list; none, with a mistake, for anything else. */
  items(node: Node | null, what: string): readonly Node[] {
    const resolved = this.resolved(node);
    if (!isSeq<Node>(resolved)) {
      this.mistake(node, `${what} must be a list, [] where there is none.`);
      return [];
    }
    return resolved.items;
  }

  /** A text that is not empty; undefined, with a mistake, for anything else. */
  text(node: Node | null, what: string): string | undefined {
    const written = this.scalar(node)?.value;
    if (typeof written !== 'string' || written === '') {
      this.mistake(node, `${what} must be text.`);
      return undefined;
    }
    return written;
  }

  isText(node: Node): boolean {
    return typeof this.scalar(node)?.value === 'string';
  }

  /** A value of a cell: a scalar, or a list of them. */
  written(node: Node | null): Written | undefined {
    const resolved = this.resolved(node);
    if (isSeq<Node>(resolved)) {
      const items = resolved.items.map((item) => this.written(item));
      return items.filter((item) => item !== undefined);
    }
    const value = resolved === null ? null : this.scalar(resolved)?.value;
    return value === null || ['string', 'boolean', 'number', 'bigint'].includes(typeof value)
      ? (value as Written)
      : undefined;
  }

  /** Any value as JSON, numbers as they are written. */
  json(node: Node | null): string {
    const resolved = this.resolved(node);
    if (isMap<Node, Node | null>(resolved)) {
      const members = resolved.items.map(
        ({ key, value }) => `${JSON.stringify(String(isScalar(key) ? key.value : key))}:${this.json(value)}`,
      );
      return `{${members.join(',')}}`;
    }
    if (isSeq<Node>(resolved)) {
      return `[${resolved.items.map((item) => this.json(item)).join(',')}]`;
    }
    const scalar = this.scalar(resolved);
    if (typeof scalar?.value === 'number' || typeof scalar?.value === 'bigint') {
      return this.number(scalar);
    }
    return JSON.stringify(scalar?.value ?? null);
  }

  private number(scalar: Scalar): string {
    const source = scalar.source ?? String(scalar.value);
    if (!/^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(source)) {
      this.mistake(scalar, `${source} is no number in JSON; write the event as a line of text.`);
    }
    return source;
  }

  private scalar(node: Node | null): Scalar | undefined {
    const resolved = this.resolved(node);
    return isScalar(resolved) ? resolved : undefined;
  }

  private resolved(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.document) ?? null) : node;
  }
}
