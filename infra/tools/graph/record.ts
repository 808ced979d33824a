/** Runs the program with no engine and no account, and keeps what it would have asked an engine for. */
import * as pulumi from '@pulumi/pulumi';
import type { RegisterResourceRequest } from '@pulumi/pulumi/proto/resource_pb.js';
import { MockMonitor } from '@pulumi/pulumi/runtime/mocks.js';
import { getMonitor } from '@pulumi/pulumi/runtime/settings.js';
import { canonicalValue } from './canonical.ts';
import { mockOutputs } from './mock_outputs.ts';

/** A resource as the program declares it, in a form that can be compared and reviewed. */
export interface GraphNode {
  /** Such as `aws:msk/cluster:Cluster`. */
  readonly type: string;
  readonly name: string;
  /** `type name` of the component that it belongs to; absent for the stack's own. */
  readonly parent?: string;
  /** True of a component, which only holds resources and is nothing at a provider. */
  readonly component: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
  /** `type name` of what must be made before it. */
  readonly dependsOn: readonly string[];
}

export interface Graph {
  readonly stack: string;
  readonly nodes: readonly GraphNode[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A program, and the configuration that it finds. */
export interface Run {
  readonly stack: string;
  readonly region: string;
  readonly accountId: string;
  /** By full key, such as `pinterest-pipeline:region`, as text. */
  readonly configuration: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  readonly program: () => Record<string, unknown>;
}

export const project = 'pinterest-pipeline';

/** The stand-in for a secret in a graph. */
const maskedSecret = '[secret]';

/** Runs a program to its end. Runs of one process come one after another: Pulumi's runtime is one for all. */
export async function recordGraph(run: Run): Promise<Graph> {
  await pulumi.runtime.setMocks(answersOf(run), project, run.stack, false);
  const recorded = recordRequests();
  pulumi.runtime.setAllConfig({ ...run.configuration }, [...run.secretKeys]);
  const outputs = await withoutStackTraces(async () => {
    const settled = await outputsOf(run.program());
    await pulumi.runtime.disconnect();
    return settled;
  });
  const nodes = recorded.filter(({ type }) => type !== 'pulumi:pulumi:Stack');
  // Sorted, so that the order of arrival does not show.
  return { stack: run.stack, nodes: nodes.sort((a, b) => compare(keyOf(a), keyOf(b))), outputs };
}

/** Pulumi's runtime keeps a stack trace of each of its thousands of promises, which takes three quarters of a run. */
async function withoutStackTraces<T>(run: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function answersOf(run: Run): pulumi.runtime.Mocks {
  return {
    newResource: ({ type, name, inputs }) => {
      const { id, outputs } = mockOutputs(type, name, inputs, run);
      return { id, state: { ...outputs } };
    },
    call: ({ token }) => {
      throw new Error(`The program asks for ${token}, which has an answer only where there is an account.`);
    },
  };
}

/** From now on keeps what the program asks the monitor for: the mocks themselves are not told of options. */
function recordRequests(): GraphNode[] {
  const recorded: GraphNode[] = [];
  const monitor: unknown = getMonitor();
  if (!(monitor instanceof MockMonitor)) {
    throw new Error('Pulumi was told to use mocks and does not.');
  }
  const answer = monitor.registerResource.bind(monitor);
  monitor.registerResource = async (request: RegisterResourceRequest, callback) => {
    recorded.push(nodeOf(request));
    await answer(request, callback);
  };
  // Hooks run in an engine; here it is enough that the resource names them.
  Object.assign(monitor, {
    registerResourceHook: (_request: unknown, callback: (error: null, response: unknown) => void) =>
      callback(null, {}),
  });
  return recorded;
}

/** The key of a resource within its stack. */
export function keyOf({ type, name }: Pick<GraphNode, 'type' | 'name'>): string {
  return `${type} ${name}`;
}

function nodeOf(request: RegisterResourceRequest): GraphNode {
  const parent = keyOfUrn(request.getParent());
  const inputs = canonicalValue(request.getObject()?.toJavaScript() ?? {});
  const hooks = request.getHooks()?.getAfterCreateList() ?? [];
  const options = {
    ...(request.getProtect() ? { protect: true } : {}),
    ...(request.getIgnorechangesList().length > 0 ? { ignoreChanges: request.getIgnorechangesList() } : {}),
    ...(request.getDeletebeforereplace() ? { deleteBeforeReplace: true } : {}),
    ...(request.getRetainondelete() ? { retainOnDelete: true } : {}),
    ...(hooks.length > 0 ? { afterCreate: hooks } : {}),
    ...(request.getProvider() === '' ? {} : { provider: keyOfUrn(request.getProvider()) }),
  };
  const dependsOn = request
    .getDependenciesList()
    .map(keyOfUrn)
    .filter((key) => key !== undefined);
  return {
    type: request.getType(),
    name: request.getName(),
    ...(parent === undefined || parent.startsWith('pulumi:pulumi:Stack ') ? {} : { parent }),
    component: !request.getCustom(),
    inputs: typeof inputs === 'object' && inputs !== null ? { ...inputs } : {},
    options,
    dependsOn: [...new Set(dependsOn)].sort(compare),
  };
}

/** `type name` of a URN, `urn:pulumi:<stack>::<project>::<types>::<name>`; a provider's reference has an id behind it. */
function keyOfUrn(urn: string): string | undefined {
  const [, , types, name] = urn.split('::');
  return types === undefined || name === undefined ? undefined : `${types.split('$').at(-1)} ${name}`;
}

async function outputsOf(outputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  const known = await Promise.all(
    Object.entries(outputs).map(async ([name, value]): Promise<[string, unknown]> => {
      if (!pulumi.Output.isInstance(value)) {
        return [name, value];
      }
      const secret = await pulumi.isSecret(value);
      return [name, secret ? maskedSecret : await settled(value)];
    }),
  );
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

function settled(output: pulumi.Output<unknown>): Promise<unknown> {
  return new Promise((resolve) => {
    output.apply((value) => resolve(value));
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
