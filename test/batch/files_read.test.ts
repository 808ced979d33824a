import { describe, expect, it } from 'vitest';
import {
  announcement,
  type FileRead,
  filesToRead,
  type HoldingTable,
  recordChange,
} from '../../pipeline/batch/files_read.ts';
import type { LandingFile } from '../../pipeline/landing/reader.ts';

const file = (name: string, size = 10, modified = 1000): LandingFile => ({
  path: `topics/pin/partition=0/${name}`,
  topic: 'pin',
  size,
  modified,
});
const line = ({ path, size, modified }: LandingFile, rules = 'rules', dataset = 'pin'): FileRead => ({
  dataset,
  file: path,
  size,
  modified,
  rules,
});
const [a, b] = [file('a.json'), file('b.json')];
const silver = (id: string | undefined, version = 3): HoldingTable => ({ path: 'silver/pin', id, version });
const note = (id: string, size: number): FileRead => ({
  dataset: 'silver/pin',
  file: id,
  size,
  modified: null,
  rules: '',
});
const toRead = (present: readonly LandingFile[], recorded: readonly FileRead[], tables = [silver('id')]) =>
  filesToRead('pin', ['rules', 'former rules'], present, recorded, tables);

describe('files to read', () => {
  it('are all where nothing is recorded, and the rules are told first', () => {
    const first = toRead([a, b], []);
    expect(first).toEqual({
      dataset: 'pin',
      rules: 'rules',
      present: [a, b],
      files: [a, b],
      gone: [],
      filesBefore: 0,
      anew: undefined,
      announce: true,
    });
    // As it is after a run that was killed.
    expect(toRead([a, b], [announcement(first)])).toEqual({ ...first, announce: false });
    expect(toRead([], [])).toMatchObject({ files: [], announce: false });
  });

  it('are those that are not recorded as they are now', () => {
    expect(toRead([a, b], [line(a)])).toMatchObject({ files: [b], filesBefore: 1, announce: false });
    for (const changed of [file('a.json', 11), file('a.json', 10, 1001), file('a.json', 10, 999)]) {
      expect(toRead([changed], [line(a)])).toMatchObject({ files: [changed], filesBefore: 0 });
    }
    expect(toRead([a], [line(a, 'rules', 'geo')]).files).toEqual([a]);
    expect(toRead([b], [line(a), line(b)])).toMatchObject({ files: [], filesBefore: 1, anew: undefined });
  });

  it('are all when a rule has changed, even where only a killed run has told of other rules', () => {
    const expected = { files: [a, b], filesBefore: 0, anew: 'A rule of pin has changed', announce: true };
    expect(toRead([a, b], [line(a, 'old')])).toMatchObject(expected);
    expect(toRead([a, b], [line(a, 'old'), line(b, 'former rules')])).toMatchObject(expected);
    const killed = announcement({ ...toRead([a], []), rules: 'other' });
    expect(toRead([a, b], [killed])).toMatchObject(expected);
    expect(toRead([a, b], [line(a), line(b), killed])).toMatchObject(expected);
  });

  it('are those that are new when the rules are the same in other words', () => {
    const expected = { files: [b], filesBefore: 1, anew: undefined, announce: false };
    expect(toRead([a, b], [line(a, 'former rules')])).toMatchObject(expected);
    const killed = announcement({ ...toRead([a], []), rules: 'former rules' });
    expect(toRead([a, b], [line(a), killed])).toMatchObject(expected);
  });

  it('are all when a table that holds them is gone, another one, or older than it was', () => {
    const recorded = [line(a), note('id', 2)];
    expect(toRead([a, b], recorded)).toMatchObject({ files: [b], anew: undefined });
    expect(toRead([a, b], recorded, [silver('id', 2)]).files).toEqual([b]);
    for (const [table, reason] of [
      [silver(undefined, -1), /silver\/pin of the lake is gone/],
      [silver('other'), /silver\/pin of the lake is another one/],
      [silver('id', 1), /silver\/pin of the lake is at version 1, .* up to version 2/],
    ] as const) {
      expect(toRead([a, b], recorded, [table])).toMatchObject({
        files: [a, b],
        anew: expect.stringMatching(reason),
      });
      expect(toRead([b], recorded, [table])).toMatchObject({ files: [b, a], gone: [a] });
      // Nothing was read into it yet.
      expect(toRead([a, b], [note('id', 2)], [table]).anew).toBeUndefined();
    }
  });

  it('are those that are not recorded where an older release or the notebook has noted no table', () => {
    expect(toRead([a, b], [line(a)], [silver('any')]).files).toEqual([b]);
    expect(toRead([a, b], [line(a)], [silver(undefined, -1)]).files).toEqual([a, b]);
  });

  it('are also those that are gone when a rule has changed, as they were read', () => {
    expect(toRead([b], [line(a, 'old'), line(file('b.json', 9), 'old')])).toMatchObject({
      files: [b, a],
      gone: [a],
      filesBefore: 0,
    });
  });
});

describe('the record after a run', () => {
  const other = line(file('x.json'), 'rules', 'geo');

  it('has lines for what was read, and is only added to where no line goes', () => {
    const reading = [toRead([a, b], [line(a), other])];
    expect(recordChange(reading, [line(a), other], [], new Set())).toEqual({
      read: [line(b)],
      kept: undefined,
    });
  });

  it('is without files that were not read to the end, without what was told first, and has a changed file once', () => {
    const grown = file('a.json', 11);
    const recorded = [line(a), other];
    const reading = [toRead([grown, b], recorded)];
    const told = reading.map(announcement);
    expect(recordChange(reading, [...recorded, ...told], [], new Set([b.path]))).toEqual({
      read: [line(grown)],
      kept: [other],
    });
    expect(recordChange(reading, recorded, [], new Set([grown.path, b.path]))).toEqual({
      read: [],
      kept: undefined,
    });
  });

  it('notes the tables that hold what was read, and forgets those that do not', () => {
    const recorded = [line(a), note('id', 2)];
    const change = (present: LandingFile[], tables: HoldingTable[], before: readonly FileRead[] = recorded) =>
      recordChange([toRead(present, before, tables)], before, tables, new Set());
    expect(change([a, b], [silver('id', 3)])).toEqual({ read: [line(b), note('id', 3)], kept: undefined });
    expect(change([a, b], [silver('id', 2)])).toEqual({ read: [line(b)], kept: undefined });
    // A compaction has raised the version.
    expect(change([a], [silver('id', 3)])).toEqual({ read: [], kept: undefined });
    expect(change([a], [silver('id', 3)], [line(a)])).toEqual({ read: [note('id', 3)], kept: undefined });
    expect(change([a], [silver('new', 0)])).toEqual({ read: [line(a), note('new', 0)], kept: [] });
    expect(change([a], [silver('id', 1)])).toEqual({ read: [line(a), note('id', 1)], kept: [] });
  });

  it('has no line of other rules, and still those of files that are gone', () => {
    const reading = [toRead([b], [line(a, 'old')])];
    expect(recordChange(reading, [line(a, 'old'), other], [], new Set())).toEqual({
      read: [line(b), line(a)],
      kept: [other],
    });
  });
});
