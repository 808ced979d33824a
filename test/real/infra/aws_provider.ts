/**
 * AWS without AWS: a resource provider for the real Pulumi engine, on a port of this machine. It refuses properties
 * that the SDK does not know, keeps nothing, makes up the outputs that the program reads, and remembers in which
 * order it was asked to make and delete things.
 */
import { createRequire } from 'node:module';
import * as grpc from '@grpc/grpc-js';
import plugin from '@pulumi/pulumi/proto/plugin_pb.js';
import providers from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import type emptyModule from 'google-protobuf/google/protobuf/empty_pb.js';
import type structModule from 'google-protobuf/google/protobuf/struct_pb.js';
import { mockOutputs } from '../../../infra/tools/graph/mock_outputs.ts';
import { ProviderTypes } from '../../../infra/tools/graph/provider_types.ts';
import { replaces } from '../../../infra/tools/graph/replacing.ts';

// The service checks that messages are of the classes of its own copy of google-protobuf, which may not be ours.
const require = createRequire(createRequire(import.meta.url).resolve('@pulumi/pulumi/package.json'));
const empty: typeof emptyModule = require('google-protobuf/google/protobuf/empty_pb.js');
const struct: typeof structModule = require('google-protobuf/google/protobuf/struct_pb.js');

export interface AwsProvider {
  /** For PULUMI_DEBUG_PROVIDERS. */
  readonly attachment: string;
  /** `create TYPE NAME`, `update …`, `delete …`, in the order in which they ended. */
  readonly done: string[];
  stop(): Promise<void>;
}

type Values = Readonly<Record<string, unknown>>;

const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
const signature = '4dabf18193072939515e22adb298388d';
const secret = '1b47061264138c4ac30d75fd1eb44270';

/** Starts it on a free port. */
export async function startAwsProvider(accountRegion: {
  readonly region: string;
  readonly accountId: string;
}): Promise<AwsProvider> {
  const types = new ProviderTypes();
  const done: string[] = [];
  const server = new grpc.Server();
  server.addService(providers.ResourceProviderService, {
    attach: answer(() => new empty.Empty()),
    getPluginInfo: answer(() => new plugin.PluginInfo().setVersion('7.48.0')),
    checkConfig: answer((request: InstanceType<typeof messages.CheckRequest>) =>
      new messages.CheckResponse().setInputs(request.getNews()),
    ),
    diffConfig: answer(() => new messages.DiffResponse().setChanges(1)),
    configure: answer(() =>
      new messages.ConfigureResponse()
        .setAcceptsecrets(true)
        .setSupportspreview(true)
        .setAcceptresources(true)
        .setSupportsAutonamingConfiguration(true),
    ),
    check: answer((request: InstanceType<typeof messages.CheckRequest>) => check(types, request)),
    diff: answer((request: InstanceType<typeof messages.DiffRequest>) => diff(types, request)),
    create: answer((request: InstanceType<typeof messages.CreateRequest>) => {
      const { type, name } = nameOf(request.getUrn());
      const inputs = request.getProperties()?.toJavaScript() ?? {};
      if (request.getPreview()) {
        return new messages.CreateResponse().setProperties(request.getProperties());
      }
      done.push(`create ${type} ${name}`);
      const { id, outputs } = mockOutputs(type, name, inputs, accountRegion);
      return new messages.CreateResponse()
        .setId(id)
        .setProperties(struct.Struct.fromJavaScript(wire(outputs)));
    }),
    update: answer((request: InstanceType<typeof messages.UpdateRequest>) => {
      const { type, name } = nameOf(request.getUrn());
      const inputs = request.getNews()?.toJavaScript() ?? {};
      if (request.getPreview()) {
        return new messages.UpdateResponse().setProperties(request.getNews());
      }
      done.push(`update ${type} ${name}`);
      const { outputs } = mockOutputs(type, name, inputs, accountRegion);
      return new messages.UpdateResponse().setProperties(struct.Struct.fromJavaScript(wire(outputs)));
    }),
    delete: answer((request: InstanceType<typeof messages.DeleteRequest>) => {
      const { type, name } = nameOf(request.getUrn());
      done.push(`delete ${type} ${name}`);
      return new empty.Empty();
    }),
    cancel: answer(() => new empty.Empty()),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    attachment: `aws:${port}`,
    done,
    stop: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
  };
}

/** A method of the service from a function that gives its answer or throws. */
function answer<Request, Response>(respond: (request: Request) => Response) {
  return (call: { request: Request }, callback: (error: Error | null, response?: Response) => void): void => {
    try {
      callback(null, respond(call.request));
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)));
    }
  };
}

function check(types: ProviderTypes, request: InstanceType<typeof messages.CheckRequest>) {
  const { type, name } = nameOf(request.getUrn());
  const news: Values = request.getNews()?.toJavaScript() ?? {};
  const failures = types
    .problems(type, plain(news))
    .map((reason) => new messages.CheckFailure().setReason(`${type} ${name}: ${reason}`));
  return new messages.CheckResponse().setInputs(request.getNews()).setFailuresList(failures);
}

function diff(types: ProviderTypes, request: InstanceType<typeof messages.DiffRequest>) {
  const { type } = nameOf(request.getUrn());
  const ignored = new Set(request.getIgnorechangesList());
  const olds: Values = request.getOldInputs()?.toJavaScript() ?? {};
  const news: Values = request.getNews()?.toJavaScript() ?? {};
  const changed = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
    (key) => !ignored.has(key) && JSON.stringify(sorted(olds[key])) !== JSON.stringify(sorted(news[key])),
  );
  return new messages.DiffResponse()
    .setChanges(changed.length > 0 ? 2 : 1)
    .setDiffsList(changed)
    .setReplacesList(changed.filter((key) => replaces(types, type, key)));
}

/** The type and name at the end of a URN. */
function nameOf(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = '', name = ''] = urn.split('::');
  return { type: types.split('$').at(-1) ?? '', name };
}

/** Values without the wire's marks: a secret is what it holds, and what is not known yet is a symbol. */
function plain(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, opened(value)]));
}

function opened(value: unknown): unknown {
  if (value === unknown) {
    return Symbol('unknown');
  }
  if (Array.isArray(value)) {
    return value.map(opened);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = new Map(Object.entries(value));
  return entries.get(signature) === secret
    ? opened(entries.get('value'))
    : plain(Object.fromEntries(entries));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function wire(values: Values): Record<string, structModule.JavaScriptValue> {
  return JSON.parse(JSON.stringify(values));
}
