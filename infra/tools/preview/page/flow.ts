/** The way of an event through a stack, with what a change does at each place. */
import { type Graph, type GraphNode, keyOf } from '../../graph/record.ts';
import { datasetOf, type TableDescription } from '../described_tables.ts';
import type { Effect } from '../effect.ts';
import { tableIsGone, tableIsNew } from '../kinds.ts';
import { counted } from '../read_again.ts';

/** From the one that readers look for first to the one that they do not. */
export const states = ['grave', 'changed', 'added', 'same'] as const;
export type State = (typeof states)[number];

/** A thing at a place of the flow. */
export interface Item {
  readonly name: string;
  readonly state: State;
  /** Such as `2 changed`; empty for what is as it was. */
  readonly note: string;
}

/** The places in the order of an event: both ways lie between the API and silver. */
export const places = {
  posts: 'Emulator',
  api: 'HTTP API',
  topics: 'Topics',
  landing: 'Landing files, batch',
  streams: 'Streams',
  job: 'Streaming job',
  silver: 'Silver tables',
  answers: 'Answers',
  around: 'Around it',
} as const;
export type Place = keyof typeof places;

export type Flow = Readonly<Record<Place, readonly Item[]>>;

export function flowOf(effect: Effect): Flow {
  const resources = resourceItems(effect);
  const tables = Object.keys({ ...effect.after.tables, ...effect.before.tables });
  const silver = tables.filter((table) => datasetOf(table) !== undefined);
  const answers = tables.filter((table) => datasetOf(table) === undefined);
  const at = (place: Place) => resources.get(place) ?? [];
  return {
    posts: [...silver.map((table) => rawItem(effect, table)), ...at('posts')],
    api: at('api'),
    topics: at('topics'),
    landing: at('landing'),
    streams: at('streams'),
    job: at('job'),
    silver: silver.map((table) => tableItem(effect, table)),
    answers: answers.map((table) => tableItem(effect, table)),
    around: at('around'),
  };
}

/** The places of systems by the module of their component. */
const placeOfModule: Readonly<Record<string, Place>> = {
  database: 'posts',
  gateway: 'api',
  client: 'api',
  kafka: 'topics',
  connect: 'landing',
  lake: 'landing',
  kinesis: 'streams',
};

interface Counts {
  created: number;
  changed: number;
  replaced: number;
  deleted: number;
  unchanged: number;
}

function resourceItems({ before, after, cloud }: Effect): ReadonlyMap<Place, readonly Item[]> {
  const counts = new Map<Place, Map<string, Counts>>();
  const count = (graph: Graph) => {
    const homes = homesOf(graph);
    return (node: GraphNode, kind: keyof Counts) => {
      const [place, name] = placeOf(node, homes.get(keyOf(node)));
      const items = counts.get(place) ?? new Map<string, Counts>();
      counts.set(place, items);
      const item = items.get(name) ?? { created: 0, changed: 0, replaced: 0, deleted: 0, unchanged: 0 };
      items.set(name, item);
      item[kind] += 1;
    };
  };
  const inAfter = count(after);
  const created = new Set(cloud.created.map(keyOf));
  const changed = new Map(cloud.changed.map((change) => [keyOf(change.node), change]));
  for (const node of after.nodes.filter(({ component }) => !component)) {
    const change = changed.get(keyOf(node));
    const kept = change === undefined ? 'unchanged' : change.replaced ? 'replaced' : 'changed';
    inAfter(node, created.has(keyOf(node)) ? 'created' : kept);
  }
  const inBefore = count(before);
  for (const node of cloud.deleted) {
    inBefore(node, 'deleted');
  }
  return new Map([...counts].map(([place, items]) => [place, [...items].map(countedItem)]));
}

function countedItem([name, counts]: readonly [string, Counts]): Item {
  const { created, changed, replaced, deleted, unchanged } = counts;
  const all = created + changed + replaced + deleted + unchanged;
  if (all === created) {
    return { name, state: 'added', note: 'new' };
  }
  if (all === deleted) {
    return { name, state: 'grave', note: 'gone' };
  }
  const state = deleted + replaced > 0 ? 'grave' : created + changed > 0 ? 'changed' : 'same';
  const parts = Object.entries({ created, changed, replaced, deleted }).filter(([, number]) => number > 0);
  return {
    name,
    state,
    note:
      all === 1
        ? parts.map(([kind]) => kind).join()
        : parts.map(([kind, number]) => `${number} ${kind}`).join(', '),
  };
}

/** The place of a resource, and the name of the thing that it is or belongs to. */
function placeOf(node: GraphNode, home: GraphNode | undefined): readonly [Place, string] {
  const own = typeof node.inputs.name === 'string' ? node.inputs.name : node.name;
  if (node.type === 'aws:msk/topic:Topic' || node.type === 'aws:kinesis/stream:Stream') {
    return [node.type.startsWith('aws:msk') ? 'topics' : 'streams', own];
  }
  if (/^databricks:index\/(job:Job|notebook:Notebook)$/.test(node.type)) {
    const what = node.type.endsWith('Job') ? 'job' : 'notebook';
    if (/streaming/.test(node.name)) {
      return ['job', `streaming ${what}`];
    }
    if (/batch/.test(node.name)) {
      return ['landing', `batch ${what}`];
    }
  }
  const place = placeOfModule[home?.type.split(':')[1] ?? ''] ?? 'around';
  return [place, home?.name ?? node.name];
}

/** The outermost component of each resource. */
function homesOf({ nodes }: Graph): ReadonlyMap<string, GraphNode> {
  const all = new Map(nodes.map((node) => [keyOf(node), node]));
  const home = (node: GraphNode): GraphNode => {
    const parent = node.parent === undefined ? undefined : all.get(node.parent);
    return parent === undefined ? node : home(parent);
  };
  return new Map(nodes.map((node) => [keyOf(node), home(node)]));
}

/** The events of a dataset, as the emulator sends them. They come and go with the dataset. */
function rawItem(effect: Effect, table: string): Item {
  const { state, note } = tableItem(effect, table);
  const name = `${datasetOf(table)} events`;
  const [old, now] = [effect.before.tables[table], effect.after.tables[table]];
  if (old === undefined || now === undefined) {
    return note === 'new' || note === 'gone' ? { name, state, note } : { name, state: 'same', note: '' };
  }
  const fields = fieldsThatDiffer(old, now);
  return fields.length === 0
    ? { name, state: 'same', note: '' }
    : { name, state: 'changed', note: counted(fields.length, 'field') };
}

function fieldsThatDiffer({ raw: old }: TableDescription, { raw: now }: TableDescription): readonly string[] {
  return old === undefined || now === undefined
    ? []
    : Object.keys({ ...old, ...now }).filter((field) => old[field] !== now[field]);
}

/** A version that describes no tables, as old ones do, still has rows: its tables are not taken for new ones. */
function tableItem({ kinds, before, after }: Effect, table: string): Item {
  const name = datasetOf(table) ?? table;
  const own = kinds.filter((change) => change.table === table);
  const whole = own.find(({ detail }) => detail === tableIsGone || detail === tableIsNew);
  if (whole !== undefined) {
    const gone = whole.detail === tableIsGone;
    return { name, state: gone ? 'grave' : 'added', note: gone ? 'gone' : 'new' };
  }
  if (own.length === 0) {
    const [old, now] = [before.tables[table]?.sql, after.tables[table]?.sql];
    return old === undefined || old === now
      ? { name, state: 'same', note: '' }
      : { name, state: 'changed', note: 'other SQL, the same rows' };
  }
  const breaking = own.some(({ kind }) => kind === 'breaking');
  return {
    name,
    state: breaking ? 'grave' : own.every(({ kind }) => kind === 'added') ? 'added' : 'changed',
    note: [...new Set(own.map(({ kind }) => kind))].join(', '),
  };
}
