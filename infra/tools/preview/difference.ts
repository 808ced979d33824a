/** The difference of two graphs: resources that come, go or change, property by property. */
import { isDeepStrictEqual } from 'node:util';
import type { ProviderTypes } from '../graph/provider_types.ts';
import { type Graph, type GraphNode, keyOf } from '../graph/record.ts';
import { replaces } from '../graph/replacing.ts';

/** One value that is not what it was; undefined where it was or is not there. */
export interface PropertyChange {
  /** Such as `policy.json.Statement.0.Action.2`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
  /** The change makes a new resource, as far as its provider documents it. */
  readonly replaces: boolean;
}

export interface ResourceChange {
  readonly node: GraphNode;
  readonly properties: readonly PropertyChange[];
  readonly replaced: boolean;
}

export interface Difference {
  readonly created: readonly GraphNode[];
  readonly changed: readonly ResourceChange[];
  readonly deleted: readonly GraphNode[];
  readonly unchanged: number;
}

/**
 * Compares what two versions declare. Components are ways to group, and are no resources. A provider that is replaced
 * replaces all that it has made.
 */
export function differenceOf(before: Graph, after: Graph, types: ProviderTypes): Difference {
  const olds = byKey(before);
  const news = byKey(after);
  const compared = [...news].flatMap(([key, node]) => {
    const old = olds.get(key);
    return old === undefined ? [] : [changeOf(old, node, types)];
  });
  const providers = new Map(
    compared
      .filter(({ node, replaced }) => replaced && node.type.startsWith('pulumi:providers:'))
      .map((change) => [keyOf(change.node), change]),
  );
  const kept = compared.map((change) =>
    withProvider(change, providers.get(String(change.node.options.provider))),
  );
  return {
    created: [...news].filter(([key]) => !olds.has(key)).map(([, node]) => node),
    deleted: [...olds].filter(([key]) => !news.has(key)).map(([, node]) => node),
    changed: kept.filter(({ properties }) => properties.length > 0),
    unchanged: kept.filter(({ properties }) => properties.length === 0).length,
  };
}

/** A resource whose provider is replaced is made anew by the new one. */
function withProvider(change: ResourceChange, provider: ResourceChange | undefined): ResourceChange {
  const moved = provider?.properties
    .filter((property) => property.replaces)
    .map((property) => ({ ...property, path: `(provider) ${property.path}` }));
  return moved === undefined
    ? change
    : { node: change.node, properties: [...moved, ...change.properties], replaced: true };
}

function byKey({ nodes }: Graph): ReadonlyMap<string, GraphNode> {
  return new Map(nodes.filter(({ component }) => !component).map((node) => [keyOf(node), node]));
}

function changeOf(old: GraphNode, node: GraphNode, types: ProviderTypes): ResourceChange {
  const ignored = ignoredPaths(node);
  const properties = [
    ...changesBetween(old.inputs, node.inputs)
      .filter(({ path }) => !ignored.some((one) => path === one || path.startsWith(`${one}.`)))
      .map((change) => ({
        ...change,
        replaces: replaces(types, node.type, change.path.split('.')[0] ?? ''),
      })),
    ...changesBetween(old.options, node.options).map((change) => ({
      ...change,
      path: `(option) ${change.path}`,
      replaces: false,
    })),
  ];
  return { node, properties, replaced: properties.some((property) => property.replaces) };
}

function ignoredPaths({ options }: GraphNode): readonly string[] {
  return Array.isArray(options.ignoreChanges) ? options.ignoreChanges.map(String) : [];
}

type Change = Omit<PropertyChange, 'replaces'>;

/** Every leaf that differs, by path. */
function changesBetween(before: unknown, after: unknown, path = ''): readonly Change[] {
  if (isDeepStrictEqual(before, after)) {
    return [];
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return changesOfList(before, after, path);
  }
  const olds = entriesOf(before);
  const news = entriesOf(after);
  if (olds === undefined && news === undefined) {
    return [{ path, before, after }];
  }
  const names = [...new Set([...Object.keys(olds ?? {}), ...Object.keys(news ?? {})])].sort();
  const below = names.flatMap((name) =>
    changesBetween(olds?.[name], news?.[name], path === '' ? name : `${path}.${name}`),
  );
  // A single value that becomes an object, or the other way round.
  const own =
    path !== '' &&
    ((olds === undefined && before !== undefined) || (news === undefined && after !== undefined));
  return own
    ? [
        {
          path,
          before: olds === undefined ? before : undefined,
          after: news === undefined ? after : undefined,
        },
        ...below,
      ]
    : below;
}

/** Items that stand in both lists are not told of, so that an item more does not show all that follow it. */
function changesOfList(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
): readonly Change[] {
  const gone = itemsNotIn(before, after);
  const come = itemsNotIn(after, before);
  if (gone.length === 0 && come.length === 0) {
    return [{ path: `${path} (order)`, before, after }];
  }
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, at) => {
    const [old, now] = [gone[at], come[at]];
    return changesBetween(old?.item, now?.item, `${path}.${now?.place ?? old?.place}`);
  }).flat();
}

function itemsNotIn(items: readonly unknown[], others: readonly unknown[]) {
  const left = [...others];
  return items.flatMap((item, place) => {
    const same = left.findIndex((other) => isDeepStrictEqual(item, other));
    if (same < 0) {
      return [{ item, place }];
    }
    left.splice(same, 1);
    return [];
  });
}

/** The entries of an object or a list that has any. */
function entriesOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}
