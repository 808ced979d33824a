/** The plan's builder as TypeScript and Node see it: the examples in its documentation, and the types of `types.test-d.ts`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);

/** A mistake that TypeScript finds. Lines count from 1. */
export interface Mistake {
  readonly line: number;
  readonly message: string;
}

/** Type-checks a source as if it were the file at a path. */
export function mistakesIn(path: string, source: string): readonly Mistake[] {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) =>
    name === path ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest);
  const program = ts.createProgram([path], options, host);
  const file = program.getSourceFile(path);
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    ({ start = 0, messageText }) => ({
      line: source.slice(0, start).split('\n').length,
      message: ts.flattenDiagnosticMessageText(messageText, '\n'),
    }),
  );
}

/** The examples of each exported function and each public method of a file, by name. */
export function examplesOf(path: string): ReadonlyMap<string, readonly string[]> {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
  return new Map(
    file.statements.flatMap((statement) =>
      documented(statement).map(({ name, node }) => [
        name,
        ts
          .getJSDocTags(node)
          .filter(({ tagName }) => tagName.text === 'example')
          .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? ''),
      ]),
    ),
  );
}

function documented(statement: ts.Statement): readonly { name: string; node: ts.Node }[] {
  if (!ts.canHaveModifiers(statement) || !isMarked(statement, ts.SyntaxKind.ExportKeyword)) {
    return [];
  }
  if (ts.isFunctionDeclaration(statement)) {
    return [{ name: statement.name?.text ?? '', node: statement }];
  }
  if (ts.isClassDeclaration(statement)) {
    return statement.members.flatMap((member) =>
      ts.isMethodDeclaration(member) && !isMarked(member, ts.SyntaxKind.PrivateKeyword)
        ? [{ name: `${statement.name?.text}.${member.name.getText()}`, node: member }]
        : [],
    );
  }
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name, initializer }) =>
      initializer && (ts.isArrowFunction(initializer) || ts.isCallExpression(initializer))
        ? [{ name: name.getText(), node: statement }]
        : [],
    );
  }
  return [];
}

function isMarked(node: ts.HasModifiers, kind: ts.SyntaxKind): boolean {
  return ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false;
}
