import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as dataset from '../../pipeline/plan/dataset.ts';
import * as expression from '../../pipeline/plan/expression.ts';
import * as aggregates from '../../pipeline/plan/expressions/aggregates.ts';
import * as arrays from '../../pipeline/plan/expressions/arrays.ts';
import * as conditions from '../../pipeline/plan/expressions/conditions.ts';
import * as numbers from '../../pipeline/plan/expressions/numbers.ts';
import * as strings from '../../pipeline/plan/expressions/strings.ts';
import * as times from '../../pipeline/plan/expressions/times.ts';
import * as windows from '../../pipeline/plan/expressions/windows.ts';
import * as query from '../../pipeline/plan/query.ts';
import * as table from '../../pipeline/plan/table.ts';
import { examplesOf, mistakesIn } from './builder.ts';

const modules = {
  dataset,
  expression,
  'expressions/aggregates': aggregates,
  'expressions/arrays': arrays,
  'expressions/conditions': conditions,
  'expressions/numbers': numbers,
  'expressions/strings': strings,
  'expressions/times': times,
  'expressions/windows': windows,
  query,
  table,
};
const pathTo = (name: string) => fileURLToPath(new URL(`../../pipeline/plan/${name}.ts`, import.meta.url));
const examples = Object.keys(modules).flatMap((name) => [...examplesOf(pathTo(name))]);

/** The tables that examples read. */
const tables = `
const posts = Table.source('posts', {
  ind: 'bigint', country: 'text', category: 'text', followers: 'text', made: 'timestamp', made_text: 'text',
  first_name: 'text', last_name: 'text', age: 'bigint', likes: 'int', latitude: 'double', longitude: 'double',
});
const places = Table.source('places', { ind: 'bigint', city: 'text' });
`;

describe('the examples of the builder', () => {
  it('cover every exported function and public method', () => {
    expect(examples.filter(([, found]) => found.length === 0).map(([name]) => name)).toEqual([]);
    expect(examples.length).toBeGreaterThan(40);
  });

  it('are those of what they document', () => {
    for (const [name, [example = '']] of examples) {
      expect(example).toMatch(new RegExp(`\\b${name.replace(/^Table\.(?!source)/, '')}\\(`));
    }
  });

  it('compile', () => {
    const imports = Object.entries(modules).map(
      ([name, module]) => `import { ${Object.keys(module).join(', ')} } from './${name}.ts';`,
    );
    const blocks = examples.flatMap(([, found]) => found).map((example) => `{\n${example}\n}`);
    const source = [...imports, tables, ...blocks].join('\n');
    expect(mistakesIn(pathTo('examples'), source)).toEqual([]);
  });

  const names = Object.values(modules).flatMap((module) => Object.entries(module));
  it.each(examples)('%s runs', (_, found) => {
    const { outputText } = ts.transpileModule(`${tables}{${found.join('\n')}}`, {
      compilerOptions: { target: ts.ScriptTarget.ES2022 },
    });
    new Function(...names.map(([name]) => name), outputText)(...names.map(([, value]) => value));
  });
});

describe('the page of the vocabulary', () => {
  const page = readFileSync(new URL('../../docs/queries.md', import.meta.url), 'utf8');
  const named = (text = '') => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name).toSorted();
  const exported = (name: string) => [...examplesOf(pathTo(name))].map(([function_]) => function_);
  /** Others are made of these. */
  const parts = ['call', 'column', 'rowOf'];

  it.each(Object.keys(modules).filter((name) => name.startsWith('expression')))(
    'names the functions of %s.ts, and no others',
    (name) => {
      const row = page.split(`| \`${name}.ts\` |`)[1]?.split('\n')[0];
      expect(named(row)).toEqual(
        exported(name)
          .filter((each) => !parts.includes(each))
          .toSorted(),
      );
    },
  );

  it('names the methods of a table, and no others', () => {
    const methods = exported('table').flatMap((name) => /^Table\.(\w+)$/.exec(name)?.[1] ?? []);
    expect(named(/^`source`.*$/m.exec(page)?.[0])).toEqual(methods.toSorted());
  });
});
