/** A resource as the policies look at it, whether the engine or the graph of a run without it gives it. */

export interface Declared {
  /** Such as `aws:kinesis/stream:Stream`. */
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly protect: boolean;
  /** The provider that makes it, where it is not the default one. */
  readonly provider: { readonly inputs: Readonly<Record<string, unknown>> } | undefined;
}

/** A fault of a resource, in words that say what to do. */
export type Violation = string;

export interface Rule {
  readonly name: string;
  readonly description: string;
  /** Looks at one resource. */
  readonly each?: (resource: Declared) => readonly Violation[];
  /** Looks at all of them: for what is wrong because something is missing. */
  readonly all?: (resources: readonly Declared[]) => readonly (readonly [Declared, Violation])[];
}

/** The value at a path of keys such as `encryptionInfo.encryptionInTransit.clientBroker`; undefined when it ends early. */
export function valueAt(inputs: unknown, path: string): unknown {
  let value = inputs;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) {
      return undefined;
    }
    value = new Map(Object.entries(value)).get(key);
  }
  return value;
}

/** JSON that a text or an already opened text holds; undefined when it holds none. */
export function jsonOf(value: unknown): unknown {
  if (typeof value === 'string') {
    try {
      return JSON.parse(value);
    } catch {
      return undefined;
    }
  }
  const opened = valueAt(value, 'json');
  return opened === undefined ? value : opened;
}
