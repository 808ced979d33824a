/** Every resource says whose it is, and what holds data is protected where data matters. */
import { type Declared, type Rule, type Violation, valueAt } from './declared.ts';

const requiredTags = ['project', 'stack', 'owner', 'data'] as const;

/** Types whose loss is the loss of data, and which the engine must refuse to delete. */
const holdData: ReadonlySet<string> = new Set([
  'aws:kinesis/stream:Stream',
  'aws:msk/cluster:Cluster',
  'aws:msk/topic:Topic',
  'aws:rds/instance:Instance',
  'databricks:index/catalog:Catalog',
  'databricks:index/externalLocation:ExternalLocation',
  'databricks:index/mwsWorkspaces:MwsWorkspaces',
  'databricks:index/schema:Schema',
]);

export const tags: Rule = {
  name: 'tagged',
  description: 'Every AWS resource is made by a provider that tags it with project, stack, owner and data.',
  each: ({ type, provider }) => {
    if (!type.startsWith('aws:')) {
      return [];
    }
    const args = valueAt(provider?.inputs, 'defaultTags.tags') ?? valueAt(jsonTags(provider?.inputs), 'tags');
    return requiredTags
      .filter((tag) => typeof valueAt(args, tag) !== 'string')
      .map((tag) => `must be made by a provider whose defaultTags name ${tag}`);
  },
};

export const protection: Rule = {
  name: 'data-is-protected',
  description: 'Where data matters, the engine refuses to delete what holds it.',
  all: (resources) => {
    // Resources of Databricks carry no tags of AWS: the stack is protected as a whole, which its AWS side says.
    const isProtected = resources.some(({ provider }) => tagOf(provider, 'data') === 'protected');
    return resources
      .filter((resource) => isProtected && needsProtection(resource) && !resource.protect)
      .map((resource): readonly [Declared, Violation] => [
        resource,
        'holds data that matters: it must have the option protect',
      ]);
  },
  each: ({ type, provider }) =>
    type === 'aws:s3/bucket:Bucket' &&
    tagOf(provider, 'stack') === 'prod' &&
    tagOf(provider, 'data') !== 'protected'
      ? ['belongs to prod, whose setting protectData must be true']
      : [],
};

function needsProtection({ type, name }: Declared): boolean {
  if (type === 'aws:s3/bucket:Bucket') {
    return !name.includes('artefacts');
  }
  // The live views are made again at every start of the streaming job.
  return holdData.has(type) && !(type === 'databricks:index/schema:Schema' && name.endsWith('-live'));
}

function tagOf(provider: Declared['provider'], tag: string): unknown {
  return (
    valueAt(provider?.inputs, `defaultTags.tags.${tag}`) ?? valueAt(jsonTags(provider?.inputs), `tags.${tag}`)
  );
}

/** A provider's inputs are texts: what is more is JSON. */
function jsonTags(inputs: unknown): unknown {
  const text = valueAt(inputs, 'defaultTags');
  if (typeof text !== 'string') {
    return valueAt(text, 'json');
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
