/**
 * Everything that is stored or deployed under a name: what is written once must be found again by the code of tomorrow, so
 * a change here is a migration and never a mere renaming. `npx vitest run test/pinned -u` brings the golden files up to date.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createTableStatement } from '../../emulator/mysql/tables.ts';
import { graphOfStack } from '../../infra/tools/graph/stack_graph.ts';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { readDeltaTable } from '../../pipeline/delta/table.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { namesOf } from '../../pipeline/naming.ts';
import { infraFolder, input, one, repositoryFolder } from '../infra/stacks.ts';
import { temporaryFolder } from '../support/folder.ts';
import { land } from '../support/landing.ts';
import { copyOfOldData, names, refusingApi, run, runWell } from './old_data.ts';

const commands = [
  ...['artefacts', 'batch', 'case', 'cases', 'catalogue', 'costs', 'emulate', 'erase', 'gateway', 'maintain'],
  ...['notebooks', 'preview', 'seed', 'sink', 'start', 'stream'],
];

async function expectGolden(name: string, value: unknown): Promise<void> {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  await expect(`${text}\n`).toMatchFileSnapshot(`golden/${name}`);
}

/** Strips the parts of a name that differ from run to run. */
function masked(name: string): string {
  return name
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/(?<!\d)\d{20}(?!\d)/g, '<20 digits>')
    .replaceAll(/(?<!\d)\d{10}(?!\d)/g, '<10 digits>');
}

/** The keys of JSON, with those inside behind them; shards are called by number. */
function keysOf(value: unknown, path = ''): readonly string[] {
  const holdsSome = value instanceof Object && Object.keys(value).length > 0;
  if (Array.isArray(value) && holdsSome) {
    return distinct(value.flatMap((one) => keysOf(one, `${path}[]`)));
  }
  if (holdsSome) {
    return distinct(
      Object.entries(value).flatMap(([key, inside]) =>
        keysOf(inside, `${path}.${/^\d+$/.test(key) ? '<shard>' : key}`),
      ),
    );
  }
  return [path.replace(/^\./, '')];
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** A folder in which every command has written what it writes: both ways, twice where the second time is another. */
async function writtenNow(): Promise<string> {
  const { folder, log } = await copyOfOldData();
  const now = join(folder, 'now');
  const lake = join(now, 'lake');
  await mkdir(now);
  const batch = () =>
    runWell(now, 'batch', '--landing', lake, '--lake', lake, '--json', join(now, 'answers.json'));
  await runWell(folder, 'sink', '--from', `embedded:${log}`, '--landing', lake, '--until-idle', '0.3');
  await batch();
  for (const name of names) {
    const [line = ''] = (
      await readFile(join(lake, `topics/${name}/partition=0/${name}+0+0000000000.json`), 'utf8')
    ).split('\n');
    await land(lake, `topics/${name}/partition=7/${name}+7+0000000000.json`, [
      line,
      'no event',
      line.replace(/\d+/, '999'),
    ]);
  }
  await batch();
  await runWell(folder, 'maintain', '--lake', lake);
  const options = ['--from', `embedded:${log}`, '--lake', lake, '--no-page', '--until-idle', '0.3'];
  await runWell(folder, 'stream', ...options);
  return now;
}

interface Action {
  readonly [kind: string]: Readonly<Record<string, unknown>> | undefined;
}

/** A Delta table's metadata and protocol, from its log. */
async function describeTable(folder: string) {
  const log = join(folder, '_delta_log');
  const entries = (await readdir(log)).filter((name) => /^\d{20}\.json$/.test(name)).sort();
  const commits: (readonly Action[])[] = [];
  for (const entry of entries) {
    const lines = (await readFile(join(log, entry), 'utf8')).trim().split('\n');
    commits.push(lines.map((line) => JSON.parse(line)));
  }
  const { protocol, metaData = {} }: Action = Object.assign({}, ...commits.flat());
  const { schemaString, ...others } = metaData;
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.parquet')).sort();
  const [checkpoint] = (await readdir(log)).filter((name) => name.endsWith('.checkpoint.parquet')).sort();
  return {
    table: [
      JSON.stringify({ ...protocol, ...others, id: '<uuid>', createdTime: '<time>' }),
      `schemaString: ${schemaString}`,
      `data files: ${file === undefined ? 'none' : await parquetColumns(join(folder, file))}`,
    ],
    checkpoint: checkpoint === undefined ? '' : await parquetColumns(join(log, checkpoint)),
    commits: commits.flatMap((actions) => actions.flatMap(describeAction)),
  };
}

/** The columns of a file as it stores them. */
async function parquetColumns(file: string): Promise<string> {
  const bytes = await readFile(file);
  const { schema, created_by } = parquetMetadata(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  );
  const columns = schema.map(({ name, type, repetition_type, converted_type, logical_type }) =>
    [name, type, repetition_type, converted_type, logical_type && JSON.stringify(logical_type)]
      .filter((part) => part !== undefined)
      .join(' '),
  );
  return [`by ${created_by}`, ...columns].join(', ');
}

/** The keys of an action, and what in it is a name. */
function describeAction(action: Action): readonly string[] {
  const [kind = '', inside = {}] = Object.entries(action)[0] ?? [];
  const { operation, operationParameters, engineInfo, userMetadata, stats, appId } = inside;
  if (kind === 'commitInfo') {
    const told = userMetadata === undefined ? [] : keysOf(JSON.parse(String(userMetadata)));
    const head = `commitInfo ${operation} by ${engineInfo}`;
    const mode = Reflect.get(Object(operationParameters), 'mode') ?? 'none';
    return [
      `${head}, mode ${mode}: ${keysOf(inside).join(' ')}`,
      ...(told.length === 0 ? [] : [`${head}, userMetadata: ${told.join(' ')}`]),
    ];
  }
  if (kind === 'metaData') {
    return [];
  }
  if (kind === 'txn') {
    return [`txn ${masked(String(appId))}: ${keysOf(inside).join(' ')}`];
  }
  const inStats =
    typeof stats === 'string' ? Object.keys(JSON.parse(stats)).map((key) => `stats.${key}`) : [];
  return [`${kind}: ${[...keysOf(inside), ...inStats].join(' ')}`];
}

/** The tables below a folder, by path. */
async function tablesIn(lake: string): Promise<readonly string[]> {
  const files = await filesBelow(lake);
  return distinct(files.flatMap((file) => file.match(/^(.*)\/_delta_log\//)?.[1] ?? []));
}

describe('what the commands write', () => {
  it('lies where it lay, in tables as they were', async () => {
    const now = await writtenNow();
    await expectGolden('files.txt', distinct((await filesBelow(now)).map(masked)).join('\n'));

    const lake = join(now, 'lake');
    const tables: string[] = [];
    const checkpointColumns = new Set<string>();
    const commits: Record<string, Set<string>> = {};
    for (const path of await tablesIn(lake)) {
      const { table, checkpoint, commits: said } = await describeTable(join(lake, path));
      tables.push([path, ...table].join('\n  '));
      if (checkpoint !== '') {
        checkpointColumns.add(checkpoint);
      }
      const layer = path.replace(/(gold|silver|quarantine)\/.*/, '$1');
      commits[layer] ??= new Set();
      for (const line of said) {
        commits[layer].add(line);
      }
    }
    await expectGolden('tables.txt', tables.join('\n'));
    await expectGolden('delta_checkpoints.txt', [...checkpointColumns].join('\n'));
    await expectGolden(
      'commits.json',
      Object.fromEntries(Object.entries(commits).map(([layer, lines]) => [layer, [...lines].sort()])),
    );

    const checkpoints: Record<string, unknown> = {};
    for (const file of await filesBelow(join(now, 'checkpoints'))) {
      const checkpoint = JSON.parse(await readFile(join(now, 'checkpoints', file), 'utf8'));
      checkpoints[file] = { appId: masked(checkpoint.appId), keys: keysOf(checkpoint) };
    }
    await expectGolden('checkpoints.json', checkpoints);

    const rows = rowsOf(await readDeltaTable(join(lake, 'files_read')));
    // The lines of tables have no rules.
    const ofFiles = rows.filter(({ rules }) => rules !== '');
    const rules = Object.fromEntries(ofFiles.map(({ dataset, rules }) => [String(dataset), rules]));
    await expectGolden('rules.json', rules);

    const answers = JSON.parse(await readFile(join(now, 'answers.json'), 'utf8'));
    await expectGolden('answers.json', keysOf(answers));
  });

  it('is, of the embedded log, one folder a partition, and a lock', async () => {
    const folder = temporaryFolder('pinned');
    const log = await EmbeddedLog.open(folder, { segmentBytes: 64 });
    await log.createTopic('topic', 2);
    for (let record = 0; record < 4; record += 1) {
      await log.append('topic', [{ key: 'key', value: Buffer.alloc(60) }]);
    }
    const files = await filesBelow(folder);
    await log.close();
    await expectGolden('log_files.txt', files.join('\n'));
  });

  it('is, of unsent posts, one a line', async () => {
    const folder = temporaryFolder('pinned');
    await run(folder, 'emulate', '--to', await refusingApi(), '--count', '1', '--seed', '7');
    const files = await filesBelow(folder);
    expect(files).toEqual(['unsent.jsonl']);
    await expectGolden(
      'unsent.json',
      keysOf(JSON.parse(await readFile(join(folder, 'unsent.jsonl'), 'utf8'))),
    );
  });
});

describe('what is derived from datasets and queries', () => {
  it('has the names that it had', async () => {
    const named = (prefix?: string) =>
      Object.fromEntries(datasets.map((dataset) => [dataset.name, namesOf(dataset, prefix)]));
    await expectGolden('datasets.json', {
      'no prefix': named(),
      'prefix 0a60b9a8a831': named('0a60b9a8a831'),
    });
    await expectGolden(
      'mysql.sql',
      datasets.map((dataset) => `${createTableStatement(dataset)};`).join('\n'),
    );
  });

  it('is, of notebooks, what Databricks keeps and is told', async () => {
    const folder = temporaryFolder('pinned');
    await runWell(folder, 'notebooks', '--out', folder);
    const notebooks: Record<string, unknown> = {};
    const rules: Record<string, string> = {};
    for (const file of await filesBelow(folder)) {
      const source = await readFile(join(folder, file), 'utf8');
      const all = (form: RegExp) => distinct([...source.matchAll(form)].map(([found]) => found)).toSorted();
      notebooks[file] = {
        widgets: all(/dbutils\.widgets\.\w+\("\w+", "[^"]*"/g),
        locations: all(/\{lake\}\/[^" ,]*/g),
        streams: all(/"\w+": \("streaming-[^)]*\)/g),
        columns: all(/^\w*COLUMNS = .*$/gm),
        options: all(/\.option\("\w+"/g),
      };
      for (const [, dataset = '', fingerprint = ''] of source.matchAll(/"(\w+)": \["([0-9a-f]{64})"/g)) {
        rules[dataset] = fingerprint;
      }
    }
    await expectGolden('notebooks.json', notebooks);
    // The same file as for Node: a lake that one has written is gone on with by the other.
    await expectGolden('rules.json', rules);
  });

  it('is, of commands, their options', async () => {
    const folder = temporaryFolder('pinned');
    const options = await Promise.all(
      commands.map(async (command) => {
        const help = await runWell(folder, command, '--help');
        return [command, [...help.matchAll(/^ {2}(--[a-z-]+(?: [A-Z]+)?) /gm)].map(([, option]) => option)];
      }),
    );
    await expectGolden('commands.json', Object.fromEntries(options));
  });
});

/** Inputs by which a provider knows a resource, or that it is made anew for. */
const identifiers = [
  ...[
    'name',
    'namePrefix',
    'bucket',
    'bucketName',
    'key',
    'path',
    'identifier',
    'dbName',
    'clusterName',
    'role',
  ],
  ...['policyArn', 'stageName', 'displayName', 'parentPath', 'credentialsName', 'networkName', 'catalogName'],
  ...['storageConfigurationName', 'credentialName', 'schemaName', 'catalog', 'schema', 'storageRoot', 'url'],
  ...['storageLocation', 'workspaceName', 'scope', 'groupName', 'purpose'],
];
/** Types that are made anew for another description. */
const describedForEver =
  /ec2\/securityGroup:|mskconnect\/(customPlugin|workerConfiguration):|iam\/policy:|ParameterGroup/;

describe.each(['dev', 'mount', 'prod'])('the stack %s', (stack) => {
  it('has the resources that it had, under the same names', async () => {
    const { nodes, outputs } = await graphOfStack(infraFolder, stack);
    const byKey = new Map(nodes.map((node) => [`${node.type} ${node.name}`, node]));
    // Pulumi knows a resource by its own name and the types of what it belongs to.
    const urnTypes = (node: (typeof nodes)[number]): string => {
      const parent = node.parent === undefined ? undefined : byKey.get(node.parent);
      return parent === undefined ? node.type : `${urnTypes(parent)}$${node.type}`;
    };
    const lines = nodes.map((node) => {
      const kept = describedForEver.test(node.type) ? [...identifiers, 'description'] : identifiers;
      const known = kept.flatMap((key) =>
        typeof node.inputs[key] === 'string' ? [`${key}=${node.inputs[key]}`] : [],
      );
      const { tasks } = node.inputs;
      const taskKeys = Array.isArray(tasks) ? tasks.map(({ taskKey }) => `taskKey=${taskKey}`) : [];
      const options = node.options.protect === true ? ['protected'] : [];
      return [`${urnTypes(node)}::${node.name}`, ...known, ...taskKeys, ...options].join(' | ');
    });
    await expectGolden(`${stack}_resources.txt`, lines.toSorted().join('\n'));
    await expectGolden(`${stack}_outputs.json`, Object.keys(outputs));
  });

  it('has the statements that it had', async () => {
    // A Sid may change: nothing but a reader knows a statement by it.
    const { nodes } = await graphOfStack(infraFolder, stack);
    const sids = nodes.map(({ type, name, inputs }) => {
      const found = [...JSON.stringify(inputs).matchAll(/\\?"Sid\\?":\\?"(\w+)/g)].map(([, sid]) => sid);
      return found.length === 0 ? [] : [`${type} ${name}: ${found.join(' ')}`];
    });
    await expectGolden(`${stack}_sids.txt`, sids.flat().toSorted().join('\n'));
  });

  it('is configured under the names that it was', async () => {
    const { config } = parse(await readFile(join(infraFolder, `Pulumi.${stack}.yaml`), 'utf8'));
    await expectGolden(`${stack}_configuration.json`, keysOf(config).toSorted());
  });
});

describe('on AWS', () => {
  it('the project, the API’s paths and the DAG are called as they were', async () => {
    const project = parse(await readFile(join(repositoryFolder, 'Pulumi.yaml'), 'utf8'));
    const api = one(await graphOfStack(infraFolder, 'dev'), 'aws:apigateway/restApi:RestApi', 'api');
    const paths = Object.entries(Object(input(api, 'body.json.paths'))).flatMap(([path, methods]) =>
      Object.keys(Object(methods)).map((method) => `${method} ${path}`),
    );
    const dag = await readFile(join(infraFolder, 'dags', 'pinterest_daily.py'), 'utf8');
    await expectGolden('aws.json', {
      project: project.name,
      autonaming: project.config['pulumi:autonaming'].value.pattern,
      api: paths.sort(),
      dag: [...dag.matchAll(/(?:dag_id|task_id|_conn_id)="\w+"|conf\.get\("\w+", "\w+"/g)].map(([id]) => id),
    });
  });
});
