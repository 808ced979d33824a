/** The program run without an engine, for tests that ask what it declares. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { readSettings, type Settings } from '../../infra/configuration/settings.ts';
import { type Graph, type GraphNode, keyOf } from '../../infra/tools/graph/record.ts';
import { graphOfStack } from '../../infra/tools/graph/stack_graph.ts';
import { type Declared, jsonOf, valueAt } from '../../infra/tools/policies/declared.ts';

/** The folder of Pulumi.yaml. */
export const repositoryFolder = fileURLToPath(new URL('../..', import.meta.url));
/** The folder of the program and the stacks' files. */
export const infraFolder = fileURLToPath(new URL('../../infra', import.meta.url));

/** The settings of a stack's file. */
export function settingsOf(stack: string): Settings {
  const { config } = parse(readFileSync(join(infraFolder, `Pulumi.${stack}.yaml`), 'utf8'));
  return readSettings(
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key.replace('pinterest-pipeline:', ''), value]),
    ),
    stack,
  );
}

/** The golden graph of a stack with the settings of its file, which `golden.test.ts` checks. */
export function goldenFile(stack: string): string {
  return fileURLToPath(new URL(`./golden/${stack}.json`, import.meta.url));
}

let last: Promise<unknown> = Promise.resolve();
const kept = new Map<string, Promise<Graph>>();

/** A stack's graph, with settings changed first. Runs wait for each other: Pulumi's runtime is one for a process. */
export function graphOf(stack: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Graph> {
  const key = JSON.stringify([stack, changes]);
  const known = kept.get(key);
  if (known !== undefined) {
    return known;
  }
  const graph =
    Object.keys(changes).length === 0
      ? readGolden(stack)
      : last.then(() => graphOfStack(infraFolder, stack, changes));
  last = graph.catch(() => undefined);
  kept.set(key, graph);
  return graph;
}

async function readGolden(stack: string): Promise<Graph> {
  return JSON.parse(await readFile(goldenFile(stack), 'utf8'));
}

/** The resources of a type, by name. */
export function ofType(graph: Graph, type: string): readonly GraphNode[] {
  return graph.nodes.filter((node) => node.type === type);
}

/** The resource of a type and name. @throws when there is none, saying what there is */
export function one(graph: Graph, type: string, name: string): GraphNode {
  const found = graph.nodes.find((node) => node.type === type && node.name === name);
  if (found === undefined) {
    const names = ofType(graph, type).map((node) => node.name);
    throw new Error(`The stack has no ${type} ${name}; of that type it has: ${names.join(', ') || 'none'}`);
  }
  return found;
}

/** A value in a resource's inputs. */
export function input(node: GraphNode, path: string): unknown {
  return valueAt(node.inputs, path);
}

/** A list in inputs; empty where there is none. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  const list = valueAt(value, path);
  return Array.isArray(list) ? list : [];
}

/** A policy in a resource's inputs, as JSON text. */
export function policyText(node: GraphNode, key = 'policy'): string {
  return JSON.stringify(jsonOf(node.inputs[key]));
}

/** The resources as the policies read them. */
export function declaredIn(graph: Graph): readonly Declared[] {
  const nodes = new Map(graph.nodes.map((node) => [keyOf(node), node]));
  return graph.nodes
    .filter(({ component }) => !component)
    .map(({ type, name, inputs, options }) => {
      const provider = nodes.get(String(options.provider));
      return {
        type,
        name,
        inputs,
        protect: options.protect === true,
        provider: provider === undefined ? undefined : { inputs: provider.inputs },
      };
    });
}

/** Everything that must be made before a resource, however far back: by `type name`. */
export function madeBefore(graph: Graph, node: GraphNode): ReadonlySet<string> {
  const nodes = new Map(graph.nodes.map((one) => [keyOf(one), one]));
  const found = new Set<string>();
  const waiting = [...node.dependsOn];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (found.has(key)) {
      continue;
    }
    found.add(key);
    waiting.push(...(nodes.get(key)?.dependsOn ?? []));
  }
  return found;
}
