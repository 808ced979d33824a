import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fetchArtefacts } from '../../infra/artefacts/fetch.ts';
import { type Artefact, artefactNamed, artefacts } from '../../infra/artefacts/table.ts';
import { testFolder } from '../support/folder.ts';

const content = 'what Kafka is';
const sha256 = createHash('sha256').update(content).digest('hex');
const kafka: Artefact = {
  ...artefactNamed('kafka'),
  file: 'kafka.tgz',
  url: 'https://kafka.example/kafka.tgz',
  sha256,
};

describe('artefacts', () => {
  const folder = testFolder('artefacts');
  let asked: string[];
  let said: string[];
  beforeEach(async () => {
    asked = [];
    said = [];
  });

  const fetching = (answer: () => Response, pin = false) => ({
    folder,
    pin,
    say: (line: string) => said.push(line),
    get: async (url: string) => {
      asked.push(url);
      return answer();
    },
  });
  const rightFile = () => new Response(content);

  it('are fetched once', async () => {
    expect(await fetchArtefacts([kafka], fetching(rightFile))).toEqual({});
    expect(await fetchArtefacts([kafka], fetching(rightFile))).toEqual({});
    expect(asked).toEqual([kafka.url]);
    expect(await readFile(join(folder, 'kafka.tgz'), 'utf8')).toBe(content);
    expect(said[0]).toContain('Apache-2.0');
  });

  it('leave nothing behind when they are not what was pinned', async () => {
    const wrong = fetching(() => new Response('something else'));
    await expect(fetchArtefacts([kafka], wrong)).rejects.toThrow(/is not kafka 4\.0\.0 as pinned/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('are refused when the file that is there was changed', async () => {
    await writeFile(join(folder, 'kafka.tgz'), 'changed');
    await expect(fetchArtefacts([kafka], fetching(rightFile))).rejects.toThrow('as pinned');
    expect(asked).toEqual([]);
  });

  it('say which URL did not answer', async () => {
    const gone = fetching(() => new Response('', { status: 404 }));
    await expect(fetchArtefacts([kafka], gone)).rejects.toThrow(
      'https://kafka.example/kafka.tgz answers 404',
    );
    const unreachable = { ...fetching(rightFile), get: () => Promise.reject(new Error('no route')) };
    await expect(fetchArtefacts([kafka], unreachable)).rejects.toThrow('could not be fetched from');
  });

  it('are not taken without a digest, unless it is to be recorded', async () => {
    const unpinned = { ...kafka, sha256: undefined };
    await expect(fetchArtefacts([unpinned], fetching(rightFile))).rejects.toThrow('--pin');
    expect(await fetchArtefacts([unpinned], fetching(rightFile, true))).toEqual({ 'kafka.tgz': sha256 });
  });

  it('come by name, version, licence and HTTPS', () => {
    expect(artefacts.map(({ name }) => name)).toEqual(['kafka', 'kafka-rest', 'msk-iam-auth', 's3-sink']);
    for (const { version, url, file, licence } of artefacts) {
      expect(url).toMatch(/^https:\/\//);
      expect(url).toContain(version);
      expect(file).toContain(version);
      expect(licence).not.toBe('');
    }
  });
});
