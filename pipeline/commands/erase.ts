/** `npm run erase`: takes posts out of a lake and its landing files, and tells what else holds copies. */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import * as z from 'zod';
import { queries } from '../../queries/index.ts';
import { datasets } from '../datasets/index.ts';
import { carryOut, type ErasedPlaces, erasedBy } from '../erase/erase.ts';
import { keysIn, keysOfPerson } from '../erase/keys.ts';
import { verifyErased } from '../erase/verify/verify.ts';
import { appendErasures, readErasures } from '../erasures.ts';
import {
  jsonOfErasure,
  jsonOfVerification,
  printedErased,
  printedVerification,
  whatElseHoldsCopies,
} from '../ui/erasure_outputs.ts';
import { writeJson } from '../ui/json_file.ts';
import { endpoint, location } from './location.ts';
import { flag, messageOf, option, path, readOption, runCommand, text, UsageError } from './settings.ts';

const command = {
  name: 'erase',
  does:
    'Takes posts out of silver, quarantine and gold of both paths and out of landing files, and keeps them out. Without\n' +
    '--key, --keys and --person it finishes what earlier runs have begun.',
  options: z.object({
    lake: option('DIR', 'the lake: a folder or s3://bucket/prefix', location),
    landing: option('DIR', 'the folder or s3://bucket/prefix that holds topics/', location),
    endpoint,
    key: option('N,…', 'the keys (ind, index) of the posts', text.optional()),
    keys: option('FILE', 'a file of keys, separated by commas or line ends', path.optional()),
    person: option('NAME', 'the posts of a user by first and last name, as silver has them', text.optional()),
    reason: option('TEXT', 'kept in the table erasures', text.optional()),
    andLetReturn: flag('rows that are posted later count again: for corrections'),
    dryRun: flag('say what would go, and do nothing'),
    yes: flag('do not ask'),
    verify: flag(
      'search lake, landing files and checkpoints for what is left of erased posts, and erase nothing',
    ),
    value: option('TEXT', 'with --verify: a value of an erased post that no file may hold', text.optional()),
    checkpoints: option('DIR', 'with --verify: the checkpoints of the stream', location.optional()),
    json: option(
      'FILE',
      'write what went, or would go, here; - for standard output, with nothing else on it',
      path.optional(),
    ),
  }),
};

type Settings = z.output<typeof command.options>;

export const ended = runCommand(command, async (settings) => {
  checkTogether(settings);
  await (settings.verify ? verify(settings) : erase(settings));
});

function checkTogether({
  verify: isSearch,
  key,
  keys,
  person,
  yes,
  dryRun,
  andLetReturn,
  reason,
  value,
  checkpoints,
}: Settings): void {
  const ofErasing = { key, keys, person, reason, yes, dryRun, andLetReturn };
  const ofSearching = { value, checkpoints };
  const given = Object.entries(isSearch ? ofErasing : ofSearching).find(
    ([, option]) => option !== undefined && option !== false,
  );
  if (given !== undefined) {
    const name = given[0].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(
      `--${name} ${isSearch ? 'and --verify cannot be given together' : 'needs --verify'}.`,
    );
  }
}

async function verify({ lake, landing, checkpoints, value, json }: Settings): Promise<void> {
  const out = json === '-' ? process.stderr : process.stdout;
  const erasures = await readErasures(lake);
  if (erasures.size === 0 && value === undefined) {
    throw new UsageError(
      `Nothing was erased from ${lake}, and no --value is given: there is nothing to search for.`,
    );
  }
  const values = value === undefined ? [] : [value];
  const found = await verifyErased({ lake, landing, checkpoints, datasets }, erasures, values);
  out.write(printedVerification(found, erasures.size, values.length));
  if (json !== undefined) {
    await writeJson(json, jsonOfVerification(found));
  }
  if (found.copies.length + found.unreadable.length > 0) {
    throw new Error(
      `${found.copies.length} files hold copies, and ${found.unreadable.length} could not be searched.`,
    );
  }
}

async function erase(settings: Settings): Promise<void> {
  const { lake, landing, json, dryRun: isDryRun, andLetReturn: returns } = settings;
  const out = json === '-' ? process.stderr : process.stdout;
  const places: ErasedPlaces = { lake, landing, datasets, queries };
  const before = await readErasures(lake);
  const keys = await keysOf(settings);
  if (keys.length === 0 && before.size === 0) {
    throw new UsageError(`Nothing was erased from ${lake} yet. Name posts by --key, --keys or --person.`);
  }
  const planned = keys.length === 0 ? before : before.with(keys, returns, Date.now());
  const found = await erasedBy(places, planned);
  out.write(printedErased(found, keys, isDryRun));
  if (!isDryRun) {
    await confirm(settings, out);
    const reason = settings.reason ?? null;
    const erasures = keys.length === 0 ? before : await appendErasures(lake, keys, { reason, returns });
    await carryOut(places, erasures, (step) => out.write(`Erasing: ${step}\n`));
    out.write(`Erased.\n${whatElseHoldsCopies.map((line) => `- ${line}\n`).join('')}`);
  }
  if (json !== undefined) {
    await writeJson(json, jsonOfErasure(found, keys, isDryRun));
  }
  const [unreadable] = found.landing.unreadable;
  if (unreadable !== undefined) {
    throw new Error(
      `${found.landing.unreadable.length} landing files could not be searched, the first ${unreadable.path} ` +
        `(${messageOf(unreadable.error)}): they may hold erased posts. Make them readable or remove them, and run this again.`,
    );
  }
}

async function keysOf({ lake, key, keys, person }: Settings): Promise<readonly number[]> {
  const list = keys === undefined ? '' : await readFile(keys, 'utf8');
  const [named, listed] = readOption(() => [keysIn(key ?? ''), keysIn(list)]);
  const ofPerson = person === undefined ? [] : await keysOfPerson(lake, datasets, person);
  if (person !== undefined && ofPerson.length === 0) {
    throw new Error(
      `Nobody is called "${person}" in silver of ${lake}. Names are compared letter by letter; landing files that no batch has ` +
        'read yet are not searched.',
    );
  }
  const all = [...new Set([...named, ...listed, ...ofPerson])];
  if (all.length === 0 && (key ?? keys) !== undefined) {
    throw new UsageError('No key is given.');
  }
  return all;
}

async function confirm({ yes: isSure }: Settings, out: NodeJS.WriteStream): Promise<void> {
  if (isSure) {
    return;
  }
  if (!process.stdin.isTTY) {
    throw new UsageError(
      'Nothing was erased: there is no terminal to ask at. Give --yes, or --dry-run to only look.',
    );
  }
  const terminal = createInterface({ input: process.stdin, output: out });
  try {
    const answer = await terminal.question('Erase them for good? Type yes: ');
    if (answer.trim() !== 'yes') {
      throw new Error('Nothing was erased.');
    }
  } finally {
    terminal.close();
  }
}
