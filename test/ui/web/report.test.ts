import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { summaryOf } from '../../../pipeline/ui/summary.ts';
import { escapeHtml, escapeScript, jsonForScript } from '../../../pipeline/ui/web/html.ts';
import { type ReportContents, reportPage, writeReport } from '../../../pipeline/ui/web/report.ts';
import { example, nastyNames } from './example.ts';

/** The whole page. */
function textOf(contents: ReportContents): string {
  return Buffer.concat(reportPage(contents).map((part) => Buffer.from(part))).toString();
}

/** The page's own words: ECharts' program, between the tags, holds all sorts of text. */
function withoutPrograms(page: string): string {
  return page.replaceAll(/<script>.*?<\/script>/gs, '');
}

describe('the report', () => {
  it('is the same for the same contents', () => {
    expect(textOf(example)).toBe(textOf(example));
  });

  it('names nothing outside itself', () => {
    const page = withoutPrograms(textOf(example));
    expect(page).not.toMatch(/(?:src|href)="(?!#|data:,)|url\(|@import/);
  });

  it('holds names as text: no element and no script comes of them', () => {
    const page = textOf(example);
    expect(page.match(/<script/gi)).toHaveLength(3);
    expect(withoutPrograms(page)).not.toContain('<img');
    for (const name of nastyNames) {
      expect(page).toContain(`<bdi>${escapeHtml(name)}</bdi>`);
    }
  });

  it('shows what was read, repeated and quarantined, why, and what went wrong', () => {
    const page = textOf(example);
    expect(page).toContain('<div><dt>Events read</dt><dd>3,000,010</dd></div>');
    expect(page).toContain('<div><dt>Repeated</dt><dd>3,000</dd></div>');
    expect(page).toContain('<div><dt>Quarantined</dt><dd>10</dd></div>');
    expect(page).toContain('7 <code>malformed_json</code> (not one well-formed JSON object on a line)');
    expect(page).toContain('3 <code>missing_key</code> (no usable key)');
    expect(page).toContain('pin+0+&lt;1&gt;.json could not be read to its end');
  });

  it('says so when nothing answers a question', () => {
    const answers = example.answers.map(({ query }) => ({ query, rows: [] }));
    expect(textOf({ ...example, answers }).match(/No row answers this question yet/g)).toHaveLength(9);
  });
});

describe('writing a report', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'report-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('makes its folder, writes over the last one and leaves nothing else', async () => {
    const file = join(folder, 'data', 'report', 'index.html');
    await writeReport(file, { ...example, answers: [] });
    await writeReport(file, example);
    expect(await readFile(file, 'utf8')).toBe(textOf(example));
    expect(await readdir(join(folder, 'data', 'report'))).toEqual(['index.html']);
  });

  it('names the file that it cannot write', async () => {
    await writeFile(join(folder, 'file'), '');
    const file = join(folder, 'file', 'index.html');
    await expect(writeReport(file, example)).rejects.toThrow(`The report ${file} could not be written`);
  });
});

describe('escaping', () => {
  it('keeps JSON from ending its script', () => {
    const value = { name: '</script><!--' };
    expect(jsonForScript(value)).not.toContain('<');
    expect(JSON.parse(jsonForScript(value))).toEqual(value);
  });

  it('keeps a program from ending its script', () => {
    expect(escapeScript('a = "</SCRIPT><!--"')).toBe('a = "<\\/SCRIPT><\\!--"');
  });
});

describe('a summary', () => {
  it('warns of files that were not read to the end and of topics left alone', () => {
    const totals = { pin: { read: 3, kept: 1, repeated: 1, quarantined: { malformed_json: 1 }, known: 4 } };
    const unreadable = [{ path: 'topics/pin/a.json', error: new Error('EIO') }];
    expect(summaryOf({ totals, files: 2, filesBefore: 5, otherTopics: ['other'], unreadable }, 1.5)).toEqual({
      datasets: [
        { name: 'pin', read: 3, kept: 1, repeated: 1, quarantined: { malformed_json: 1 }, known: 4 },
      ],
      files: 2,
      filesBefore: 5,
      seconds: 1.5,
      warnings: [
        'topics/pin/a.json could not be read to its end, and its rest is missing here: EIO',
        'Topic other belongs to no dataset and was left alone.',
      ],
    });
  });
});
