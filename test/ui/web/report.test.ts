import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { summaryOf } from '../../../pipeline/ui/summary.ts';
import { escapeHtml, escapeScript, jsonForScript } from '../../../pipeline/ui/web/html.ts';
import { type ReportContents, reportPage, writeReport } from '../../../pipeline/ui/web/report.ts';
import { testFolder } from '../../support/folder.ts';
import { example, nastyNames } from './example.ts';

/** The whole page as a string. */
function htmlOf(contents: ReportContents): string {
  return Buffer.concat(reportPage(contents).map((part) => Buffer.from(part))).toString();
}

/** The page without its scripts: that of ECharts contains all sorts of strings. */
function withoutScripts(page: string): string {
  return page.replaceAll(/<script>.*?<\/script>/gs, '');
}

describe('the report', () => {
  it('gives the same bytes for the same contents', () => {
    expect(htmlOf(example)).toBe(htmlOf(example));
  });

  it('refers to nothing outside itself', () => {
    const page = withoutScripts(htmlOf(example));
    expect(page).not.toMatch(/(?:src|href)="(?!#|data:,)|url\(|@import/);
  });

  it('escapes names, so that none becomes an element or a script', () => {
    const page = htmlOf(example);
    expect(page.match(/<script/gi)).toHaveLength(3);
    expect(withoutScripts(page)).not.toContain('<img');
    for (const name of nastyNames) {
      expect(page).toContain(`<bdi>${escapeHtml(name)}</bdi>`);
    }
  });

  it('shows the events read, repeated and quarantined, the reasons and the warnings', () => {
    const page = htmlOf(example);
    expect(page).toContain('<div><dt>Events read</dt><dd>3,000,010</dd></div>');
    expect(page).toContain('<div><dt>Repeated</dt><dd>3,000</dd></div>');
    expect(page).toContain('<div><dt>Quarantined</dt><dd>10</dd></div>');
    expect(page).toContain('7 <code>malformed_json</code> (not one well-formed JSON object on a line)');
    expect(page).toContain('3 <code>missing_key</code> (no usable key)');
    expect(page).toContain('pin+0+&lt;1&gt;.json could not be read to its end');
  });

  it('says that no row answers a question', () => {
    const answers = example.answers.map(({ query }) => ({ query, rows: [] }));
    expect(htmlOf({ ...example, answers }).match(/No row answers this question yet/g)).toHaveLength(9);
  });
});

describe('writing a report', () => {
  const folder = testFolder('report');

  it('creates its folder, replaces the last report and leaves no other file', async () => {
    const file = join(folder, 'data', 'report', 'index.html');
    await writeReport(file, { ...example, answers: [] });
    await writeReport(file, example);
    expect(await readFile(file, 'utf8')).toBe(htmlOf(example));
    expect(await readdir(join(folder, 'data', 'report'))).toEqual(['index.html']);
  });

  it('names the file that it cannot write', async () => {
    await writeFile(join(folder, 'file'), '');
    const file = join(folder, 'file', 'index.html');
    await expect(writeReport(file, example)).rejects.toThrow(`The report ${file} could not be written`);
  });
});

describe('escaping', () => {
  it('keeps JSON from closing its script element', () => {
    const value = { name: '</script><!--' };
    expect(jsonForScript(value)).not.toContain('<');
    expect(JSON.parse(jsonForScript(value))).toEqual(value);
  });

  it('keeps a script from closing its element', () => {
    expect(escapeScript('a = "</SCRIPT><!--"')).toBe('a = "<\\/SCRIPT><\\!--"');
  });
});

describe('a summary', () => {
  it('warns of files that were read again or not to the end, and of topics without a dataset', () => {
    const totals = {
      pin: {
        read: 3,
        kept: 1,
        repeated: 1,
        quarantined: { malformed_json: 1 },
        erased: 0,
        nulled: {},
        known: 4,
      },
    };
    const unreadable = [{ path: 'topics/pin/a.json', error: new Error('EIO') }];
    const reading = [{ anew: 'A rule of pin has changed' }, { anew: undefined }];
    const landing = {
      totals,
      files: 2,
      filesBefore: 5,
      otherTopics: ['other'],
      otherFiles: ['topics/pin/a.csv'],
      reading,
      unreadable,
    };
    expect(summaryOf(landing, 1.5)).toEqual({
      datasets: [
        {
          name: 'pin',
          read: 3,
          kept: 1,
          repeated: 1,
          quarantined: { malformed_json: 1 },
          erased: 0,
          nulled: {},
          known: 4,
        },
      ],
      files: 2,
      filesBefore: 5,
      seconds: 1.5,
      warnings: [
        'A rule of pin has changed: all files of the dataset were read again.',
        'topics/pin/a.json could not be read to its end, and its rest is missing here: EIO',
        '1 files were not read, for landing files end in .json, .jsonl or .ndjson, perhaps with .gz: topics/pin/a.csv',
        'Topic other belongs to no dataset and was left alone.',
      ],
    });
  });
});
