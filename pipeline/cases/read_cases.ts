/**
 * Reads files of cases:
 *
 * ```yaml
 * cases:
 *   - name: counts a post once for each place
 *     given:
 *       pin: [{ind: 1, category: art}]
 *       geo: [{ind: 1, country: Peru}]
 *     expect: [{country: Peru, category: art, category_count: 1}]
 *     then:
 *       - given: {geo: [{ind: 1, country: Mali}]}
 *         expect: …
 * ```
 *
 * Columns that a row leaves out are null. A text in place of a row is a line of JSON as it lands. The cases of a dataset list
 * the events themselves below `given`: raw fields, or lines. docs/cases.md describes all of it.
 */
import type { Node } from 'yaml';
import type { Row } from '../columns/table.ts';
import type { Dataset } from '../plan/dataset.ts';
import { sourcesOf } from '../plan/relation.ts';
import type { ColumnType, Schema, Value } from '../plan/types.ts';
import {
  type Case,
  type CaseFile,
  type Given,
  type Harmless,
  nameOf,
  planOf,
  quarantineSchema,
  type Step,
  type Subject,
  schemaOf,
} from './case.ts';
import { cellValue } from './values.ts';
import { type Entry, YamlReader } from './yaml_reader.ts';

/** The types that a line of JSON can carry to a cleaned column; lines reach the others. */
const carried: ReadonlySet<ColumnType> = new Set([
  'bigint',
  'double',
  'text',
  'boolean',
  'timestamp',
  'date',
]);

/**
 * Reads the cases of a query or dataset.
 * @param file its name, for people
 * @throws CaseError that tells every mistake, with file and line
 */
export function readCases(
  file: string,
  text: string,
  subject: Subject,
  datasets: readonly Dataset[],
): CaseFile {
  const reader = new YamlReader(file, text);
  const parsed = new FileReader(reader, file, subject, datasets).read();
  reader.throwMistakes();
  return parsed;
}

class FileReader {
  /** The datasets that the subject reads. */
  private readonly sources: readonly Dataset[];

  constructor(
    private readonly reader: YamlReader,
    private readonly file: string,
    private readonly subject: Subject,
    datasets: readonly Dataset[],
  ) {
    const names = subject.kind === 'query' ? sourcesOf(planOf(subject)) : new Map();
    this.sources =
      subject.kind === 'dataset' ? [subject.dataset] : datasets.filter(({ name }) => names.has(name));
  }

  read(): CaseFile {
    const { reader, file, subject } = this;
    const top = reader.entriesOf(reader.root, 'A file of cases', ['cases', 'harmless']);
    const cases = this.list(top?.get('cases'), 'cases').flatMap((node) => this.case(node));
    const harmless = top?.has('harmless') ? this.list(top.get('harmless'), 'harmless') : [];
    const seen = new Set<string>();
    for (const { name, line } of cases) {
      if (seen.has(name)) {
        reader.mistake(null, `Two cases are called "${name}", the second in line ${line}: rename one.`);
      }
      seen.add(name);
    }
    return { file, subject, cases, harmless: harmless.flatMap((node) => this.harmless(node)) };
  }

  private harmless(node: Node): readonly Harmless[] {
    const entries = this.reader.entriesOf(node, 'A harmless fault', ['fault', 'because']);
    const fault = this.reader.text(entries?.get('fault')?.value ?? node, 'fault');
    const because = this.reader.text(entries?.get('because')?.value ?? node, 'because');
    return fault && because ? [{ fault, because, line: this.reader.lineOf(node) }] : [];
  }

  private case(node: Node): readonly Case[] {
    const { reader, file, subject } = this;
    const names = ['name', 'given', 'expect', ...this.quarantine, 'then'];
    const entries = reader.entriesOf(node, 'A case', names);
    if (entries === undefined) {
      return [];
    }
    const name = reader.text(entries.get('name')?.value ?? node, 'The name of a case');
    const more = entries.has('then') ? reader.items(entries.get('then')?.value ?? null, 'then') : [];
    const steps = [
      this.step(node, entries),
      ...more.map((step) =>
        this.step(step, reader.entriesOf(step, 'A step', ['given', 'expect', ...this.quarantine])),
      ),
    ];
    const forms = new Set(steps.flatMap(({ given }) => [...given.values()].map(({ form }) => form)));
    if (forms.size > 1) {
      reader.mistake(
        node,
        `"${name}" is given cleaned rows and lines as they land; give all of its rows in one form.`,
      );
    }
    const form = [...forms][0] ?? 'rows';
    return name === undefined ? [] : [{ name, subject, form, steps, file, line: reader.lineOf(node) }];
  }

  private get quarantine(): readonly string[] {
    return this.subject.kind === 'dataset' ? ['quarantine'] : [];
  }

  private step(node: Node, entries: ReadonlyMap<string, Entry> | undefined): Step {
    const { reader, subject } = this;
    if (entries !== undefined && !entries.has('expect')) {
      reader.mistake(
        node,
        `There is no "expect": list the rows of ${nameOf(subject)} after these events, [] for none.`,
      );
    }
    const rowsIn = (name: string, schema: Schema) =>
      entries?.has(name)
        ? this.list(entries.get(name), name).map((row) => this.row(row, schema, `A row of ${name}`))
        : [];
    return {
      given: this.given(entries?.get('given')),
      expected: rowsIn('expect', schemaOf(subject)),
      quarantined: rowsIn('quarantine', quarantineSchema),
    };
  }

  private given(entry: Entry | undefined): ReadonlyMap<string, Given> {
    const { reader, subject } = this;
    if (entry === undefined) {
      return new Map();
    }
    if (subject.kind === 'dataset') {
      return new Map([[subject.dataset.name, this.events(this.list(entry, 'given'), subject.dataset)]]);
    }
    const names = this.sources.map(({ name }) => name);
    const tables = reader.entriesOf(entry.value, `The given of ${nameOf(subject)}`, names);
    return new Map(
      this.sources.flatMap((dataset) => {
        const table = tables?.get(dataset.name);
        const items = table === undefined ? [] : this.list(table, dataset.name);
        return items.length === 0 ? [] : [[dataset.name, this.rowsOrLines(items, dataset)]];
      }),
    );
  }

  private rowsOrLines(items: readonly Node[], dataset: Dataset): Given {
    if (items.every((item) => this.reader.isText(item))) {
      return this.events(items, dataset);
    }
    const { schema } = dataset.cleaning;
    const rows = items.map((item) => this.row(item, schema, `A row of ${dataset.name}`, true));
    for (const [at, row] of rows.entries()) {
      if (row[dataset.keyColumn] === null) {
        this.reader.mistake(
          items[at] ?? null,
          `A row of ${dataset.name} needs its key, ${dataset.keyColumn}.`,
        );
      }
    }
    return { form: 'rows', rows };
  }

  private events(items: readonly Node[], dataset: Dataset): Given {
    const lines = items.map((item) => {
      if (!this.reader.isText(item)) {
        this.reader.entriesOf(item, `An event of ${dataset.name}`, Object.keys(dataset.raw));
        return this.reader.json(item);
      }
      const line = String(this.reader.written(item));
      if (line.includes('\n')) {
        this.reader.mistake(item, 'A line holds no line end; write it as two.');
      }
      return line;
    });
    return { form: 'lines', lines };
  }

  private row(node: Node, schema: Schema, what: string, given = false): Row {
    const entries = this.reader.entriesOf(node, what, Object.keys(schema));
    const values = Object.entries(schema).map(([name, type]): [string, Value] => {
      const entry = entries?.get(name);
      if (entry !== undefined && given && !carried.has(type)) {
        this.reader.mistake(
          entry.key,
          `${name} is ${type}, which a given row cannot hold: give lines as they land.`,
        );
      }
      return [name, entry === undefined ? null : this.cell(entry, name, type)];
    });
    return Object.fromEntries(values);
  }

  private cell({ key, value }: Entry, name: string, type: ColumnType): Value {
    const written = this.reader.written(value);
    if (written === undefined) {
      this.reader.mistake(value ?? key, `${name} must be a value of type ${type}, not a mapping.`);
      return null;
    }
    try {
      return cellValue(type, written);
    } catch (error) {
      if (!(error instanceof RangeError)) {
        throw error;
      }
      this.reader.mistake(value ?? key, `${name} ${error.message}.`);
      return null;
    }
  }

  private list(entry: Entry | undefined, what: string): readonly Node[] {
    return this.reader.items(entry?.value ?? entry?.key ?? this.reader.root, what);
  }
}
