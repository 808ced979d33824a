/**
 * Writes the files of a release: `node scripts/release.mjs DIR [TAG]`
 * - `notes.md`: the changelog's section of the version,
 * - `sbom.cdx.json`: all packages that the commands contain, as CycloneDX, by its tool for npm,
 * - `licences.md`: the same with their licences.
 * Refuses a tag that is not the version, and a version without a section.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [folder, tag = `v${version}`] = process.argv.slice(2);

function refuse(reason) {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

/** The text below a version's heading, up to the next. */
function notesOf(changelog) {
  const section = changelog.split(/^## /m).find((part) => part.startsWith(`${version} `));
  return (
    section?.slice(section.indexOf('\n')).trim() ||
    refuse(`CHANGELOG.md has no section "## ${version} (date)".`)
  );
}

/** The licence of a component as SPDX writes it. */
function licenceOf({ licenses = [] }) {
  const [first] = licenses;
  return first?.expression ?? first?.license?.id ?? first?.license?.name ?? 'in its files';
}

if (folder === undefined) {
  refuse('Name the folder to write to: node scripts/release.mjs DIR [TAG]');
}
if (tag !== `v${version}`) {
  refuse(`The tag ${tag} is not v${version}, the version in package.json.`);
}
const notes = notesOf(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'));
const sbom = execFileSync(
  'npx',
  ['--no', '--', 'cyclonedx-npm', '--omit', 'dev', '--output-format', 'JSON'],
  {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  },
);
const rows = JSON.parse(sbom).components.map(
  (component) =>
    `| ${component.group ? `${component.group}/` : ''}${component.name} | ${component.version} | ${licenceOf(component)} |`,
);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'notes.md'), `${notes}\n`);
writeFileSync(join(folder, 'sbom.cdx.json'), sbom);
writeFileSync(
  join(folder, 'licences.md'),
  ['| package | version | licence |', '|---|---|---|', ...[...new Set(rows)].sort(), ''].join('\n'),
);
