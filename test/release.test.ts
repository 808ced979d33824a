/** The files of a release, the actions that workflows run, and what a bot keeps up to date. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { testFolder } from './support/folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = testFolder('release');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const { version, dependencies } = JSON.parse(read('package.json'));
const release = (...options: string[]) =>
  promisify(execFile)(process.execPath, [join(root, 'scripts/release.mjs'), ...options]);

/** Licences that may be bundled with a program under GPL-3.0. */
const compatible =
  /^\(?(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0|CC-BY-3\.0|SEE LICENSE IN LICENSE)( AND Apache-2\.0\))?$/;

describe('a release', () => {
  it('holds its notes, all packages, and their licences, which go with its own', async () => {
    await release(folder, `v${version}`);
    const content = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(content('notes.md')).not.toContain('## ');
    expect(read('CHANGELOG.md')).toContain(content('notes.md').trim());
    const { bomFormat, components } = JSON.parse(content('sbom.cdx.json'));
    expect(bomFormat).toBe('CycloneDX');
    const names = new Set(components.map(({ purl }: { purl: string }) => decodeURIComponent(purl)));
    for (const name of Object.keys(dependencies)) {
      expect([...names].filter((purl) => String(purl).startsWith(`pkg:npm/${name}@`))).not.toEqual([]);
    }
    expect([...names].join()).not.toContain('pkg:npm/vitest@');
    const [, , ...rows] = content('licences.md').trim().split('\n');
    expect(rows.length).toBeGreaterThan(Object.keys(dependencies).length);
    const others = rows.filter((row) => !compatible.test(row.split('|')[3]?.trim() ?? ''));
    expect(others).toEqual([]);
  });

  it('is refused under a tag that is not its version, and without a folder', async () => {
    await expect(release(folder, 'v0.0.0')).rejects.toThrow(`The tag v0.0.0 is not v${version}`);
    await expect(release()).rejects.toThrow('Name the folder to write to');
  });
});

const workflows = readdirSync(join(root, '.github/workflows'));

it.each(workflows)('the workflow %s runs each action at a commit, and says its version', (file) => {
  const used = read(`.github/workflows/${file}`).match(/uses: .*/g) ?? [];
  expect(used).not.toEqual([]);
  for (const line of used) {
    expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v[0-9.]+$/);
  }
});

it('newer versions are proposed of packages, actions and real systems', () => {
  const { updates } = parse(read('.github/dependabot.yml'));
  const watched = updates.map((each: Record<string, string>) => [each['package-ecosystem'], each.directory]);
  expect(watched).toEqual([
    ['npm', '/'],
    ['github-actions', '/'],
    ['pip', '/scripts/real-systems'],
  ]);
});
