/** A picture of the architecture, drawn by mermaid from the graph: systems, what they hold, and what they use. */
import { type Graph, type GraphNode, keyOf } from '../graph/record.ts';

/** Resources that say how something is set up, and that a person does not look for in a picture. */
const details =
  /(Rule|Association|Attachment|Policy|Controls|Block|Versioning|Configuration|LogGroup|Permissions|Grants|Role|Route|RouteTable|Profile|Key|Subscription|Settings|Endpoint|Target|MetricAlarm|ObjectV?v?2|Version|Deployment|Account)$/;

/**
 * Mermaid's text: a box for each system, with the kinds of things in it, and an arrow to each that it uses. An arrow
 * that follows from two others is left out.
 */
export function picture(graph: Graph): string {
  const systems = graph.nodes.filter(({ component, parent }) => component && parent === undefined);
  const home = homesOf(graph);
  const uses = usesOf(graph, home);
  const boxes = systems.map(
    (system) =>
      `  ${idOf(system.name)}["${[`<b>${system.name}</b>`, ...contents(graph, home, keyOf(system))].join('<br/>')}"]`,
  );
  const arrows = systems.flatMap((system) => {
    const direct = uses.get(keyOf(system)) ?? new Set<string>();
    return [...direct]
      .filter((other) => ![...direct].some((between) => between !== other && reaches(uses, between, other)))
      .sort()
      .map((other) => `  ${idOf(system.name)} --> ${idOf(other.split(' ')[1] ?? other)}`);
  });
  return `${['flowchart LR', ...boxes, ...arrows].join('\n')}\n`;
}

/** The outermost component of each resource. */
function homesOf({ nodes }: Graph): ReadonlyMap<string, string> {
  const parents = new Map(nodes.map((node) => [keyOf(node), node.parent]));
  return new Map(
    nodes.map((node) => {
      let key = keyOf(node);
      for (let parent = parents.get(key); parent !== undefined; parent = parents.get(key)) {
        key = parent;
      }
      return [keyOf(node), key];
    }),
  );
}

function usesOf(graph: Graph, home: ReadonlyMap<string, string>): ReadonlyMap<string, ReadonlySet<string>> {
  const components = new Set(graph.nodes.filter(({ component }) => component).map(keyOf));
  const uses = new Map<string, Set<string>>();
  for (const node of graph.nodes) {
    const from = home.get(keyOf(node)) ?? keyOf(node);
    for (const other of node.dependsOn) {
      const to = home.get(other) ?? other;
      if (to !== from && components.has(to) && components.has(from)) {
        uses.set(from, (uses.get(from) ?? new Set()).add(to));
      }
    }
  }
  return uses;
}

function reaches(
  uses: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
  to: string,
  seen = new Set<string>(),
): boolean {
  if (seen.has(from)) {
    return false;
  }
  seen.add(from);
  const next = [...(uses.get(from) ?? [])];
  return next.includes(to) || next.some((one) => reaches(uses, one, to, seen));
}

/** The contents of a system, by kind, such as `3 × topic`. */
function contents(graph: Graph, home: ReadonlyMap<string, string>, system: string): readonly string[] {
  const kinds = new Map<string, number>();
  for (const node of graph.nodes) {
    const kind = kindOf(node);
    if (home.get(keyOf(node)) === system && kind !== undefined) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  }
  return [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => (count === 1 ? kind : `${count} × ${kind}`));
}

function kindOf({ type, component }: GraphNode): string | undefined {
  const [provider = '', module = '', name = ''] = type.split(':');
  if (component || provider === 'pulumi' || details.test(name)) {
    return undefined;
  }
  const service = provider === 'databricks' ? 'databricks' : module.split('/')[0];
  return `${service} ${name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}`;
}

function idOf(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9]/g, '_');
}
