/** The difference of two graphs: resources that come, go or change, property by property. */
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

/** Compares what two versions declare. Components are ways to group, and are no resources. */
export function differenceOf(before: Graph, after: Graph, types: ProviderTypes): Difference {
  const olds = byKey(before);
  const news = byKey(after);
  const kept = [...news].flatMap(([key, node]) => {
    const old = olds.get(key);
    return old === undefined ? [] : [changeOf(old, node, types)];
  });
  return {
    created: [...news].filter(([key]) => !olds.has(key)).map(([, node]) => node),
    deleted: [...olds].filter(([key]) => !news.has(key)).map(([, node]) => node),
    changed: kept.filter(({ properties }) => properties.length > 0),
    unchanged: kept.filter(({ properties }) => properties.length === 0).length,
  };
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

/** Every leaf that differs, by path, sorted. */
function changesBetween(before: unknown, after: unknown): readonly Omit<PropertyChange, 'replaces'>[] {
  const olds = leavesOf(before);
  const news = leavesOf(after);
  return [...new Set([...olds.keys(), ...news.keys()])]
    .filter((path) => JSON.stringify(olds.get(path)) !== JSON.stringify(news.get(path)))
    .sort()
    .map((path) => ({ path, before: olds.get(path), after: news.get(path) }));
}

function leavesOf(value: unknown, path = '', into = new Map<string, unknown>()): Map<string, unknown> {
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) {
      leavesOf(inner, path === '' ? key : `${path}.${key}`, into);
    }
  } else if (path !== '') {
    into.set(path, value);
  }
  return into;
}
