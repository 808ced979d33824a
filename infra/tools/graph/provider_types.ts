/**
 * The inputs of each resource as a provider's Node SDK declares them: which exist, which are required, of what shape, and a
 * change of which makes a new resource. Read from the SDK's declarations, which are made from the provider's schema.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';

export interface InputProperty {
  readonly required: boolean;
  /** The documentation says that a change makes a new resource. */
  readonly replaces: boolean;
  readonly shape: Shape;
}

/** The form of a value, as far as it can be told apart from others. */
export type Shape =
  | { readonly kind: 'any' }
  | { readonly kind: 'text' | 'number' | 'boolean' }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'record' }
  | { readonly kind: 'object'; readonly name: string };

export type Properties = ReadonlyMap<string, InputProperty>;

const require = createRequire(import.meta.url);
const packages = { aws: '@pulumi/aws', databricks: '@pulumi/databricks' } as const;

/** Reads declarations as they are asked for, and keeps them. */
export class ProviderTypes {
  private readonly resources = new Map<string, Properties | undefined>();
  private readonly nested = new Map<string, ReadonlyMap<string, Properties>>();

  /** The inputs of a resource type such as `aws:msk/cluster:Cluster`; undefined when the SDK has no such resource. */
  inputsOf(type: string): Properties | undefined {
    const kept = this.resources.get(type);
    if (kept !== undefined || this.resources.has(type)) {
      return kept;
    }
    const read = this.readResource(type);
    this.resources.set(type, read);
    return read;
  }

  /** Describes what is wrong with inputs; empty when nothing is. Values that are not known yet are passed over. */
  problems(type: string, inputs: Readonly<Record<string, unknown>>): readonly string[] {
    const properties = this.inputsOf(type);
    if (properties === undefined) {
      return [`there is no resource type ${type}`];
    }
    return this.problemsOf(type, properties, inputs, '');
  }

  private problemsOf(type: string, properties: Properties, value: object, path: string): readonly string[] {
    const args = new Map(Object.entries(value).filter(([, inner]) => inner !== undefined));
    const missing = [...properties]
      .filter(([name, { required }]) => required && !args.has(name))
      .map(([name]) => `${path}${name} is missing`);
    const wrong = [...args].flatMap(([name, inner]) => {
      const property = properties.get(name);
      return property === undefined
        ? [`${path}${name} is not a property; there are ${[...properties.keys()].join(', ')}`]
        : this.mismatches(type, property.shape, inner, `${path}${name}`);
    });
    return [...missing, ...wrong];
  }

  private mismatches(type: string, shape: Shape, value: unknown, path: string): readonly string[] {
    if (value === null || typeof value === 'symbol') {
      return [];
    }
    const wrong = (wanted: string) => [`${path} must be ${wanted}, and is ${JSON.stringify(value)}`];
    switch (shape.kind) {
      case 'any':
        return [];
      case 'text':
        return typeof value === 'string' ? [] : wrong('text');
      case 'number':
        return typeof value === 'number' ? [] : wrong('a number');
      case 'boolean':
        return typeof value === 'boolean' ? [] : wrong('true or false');
      case 'record':
        return typeof value === 'object' && !Array.isArray(value) ? [] : wrong('an object');
      case 'list':
        return Array.isArray(value)
          ? value.flatMap((item, index) => this.mismatches(type, shape.of, item, `${path}[${index}]`))
          : wrong('a list');
      case 'object': {
        if (typeof value !== 'object' || Array.isArray(value)) {
          return wrong('an object');
        }
        const properties = this.nestedOf(type).get(shape.name);
        return properties === undefined ? [] : this.problemsOf(type, properties, value, `${path}.`);
      }
      default:
        return shape satisfies never;
    }
  }

  private readResource(type: string): Properties | undefined {
    const [provider, module = '', name = ''] = type.split(':');
    const folder = folderOf(provider);
    if (folder === undefined) {
      return undefined;
    }
    const path = module.replace(/^index\//, '');
    const file = join(folder, `${path}.d.ts`);
    if (!existsSync(file)) {
      return undefined;
    }
    const source = parse(file);
    for (const statement of source.statements) {
      if (ts.isInterfaceDeclaration(statement) && statement.name.text === `${name}Args`) {
        return propertiesOf(statement, source);
      }
    }
    return undefined;
  }

  /** The nested shapes of a type's provider, by name such as `msk.ClusterEncryptionInfo`. */
  private nestedOf(type: string): ReadonlyMap<string, Properties> {
    const provider = type.slice(0, type.indexOf(':'));
    const kept = this.nested.get(provider);
    if (kept !== undefined) {
      return kept;
    }
    const found = new Map<string, Properties>();
    const folder = folderOf(provider);
    if (folder !== undefined) {
      const source = parse(join(folder, 'types', 'input.d.ts'));
      collect(source.statements, '', source, found);
    }
    this.nested.set(provider, found);
    return found;
  }
}

function folderOf(provider: string | undefined): string | undefined {
  const name = Object.entries(packages).find(([key]) => key === provider)?.[1];
  return name === undefined ? undefined : dirname(require.resolve(`${name}/package.json`));
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
}

function collect(
  statements: Iterable<ts.Statement>,
  prefix: string,
  source: ts.SourceFile,
  into: Map<string, Properties>,
): void {
  for (const statement of statements) {
    if (ts.isInterfaceDeclaration(statement)) {
      into.set(`${prefix}${statement.name.text}`, propertiesOf(statement, source));
    } else if (ts.isModuleDeclaration(statement) && statement.body && ts.isModuleBlock(statement.body)) {
      collect(statement.body.statements, `${prefix}${statement.name.text}.`, source, into);
    }
  }
}

const saysReplaces =
  /forces? (a )?(new resource|replacement|re-?creation)|will recreate|creates a new resource/i;

function propertiesOf(declaration: ts.InterfaceDeclaration, source: ts.SourceFile): Properties {
  return new Map(
    declaration.members.filter(ts.isPropertySignature).map((member) => {
      const comment = source.text.slice(member.getFullStart(), member.getStart(source));
      return [
        member.name.getText(source),
        {
          required: member.questionToken === undefined,
          replaces: saysReplaces.test(comment.replaceAll(/\s*\n\s*\*\s*/g, ' ')),
          shape: shapeOf(member.type, source),
        },
      ];
    }),
  );
}

function shapeOf(type: ts.TypeNode | undefined, source: ts.SourceFile): Shape {
  const known = type === undefined ? [] : withoutInput(type, source);
  const [only] = known;
  if (only === undefined || known.length !== 1) {
    return { kind: 'any' };
  }
  switch (only.kind) {
    case ts.SyntaxKind.StringKeyword:
      return { kind: 'text' };
    case ts.SyntaxKind.NumberKeyword:
      return { kind: 'number' };
    case ts.SyntaxKind.BooleanKeyword:
      return { kind: 'boolean' };
  }
  if (ts.isArrayTypeNode(only)) {
    return { kind: 'list', of: shapeOf(only.elementType, source) };
  }
  if (ts.isTypeLiteralNode(only)) {
    return { kind: 'record' };
  }
  const text = only.getText(source);
  return text.startsWith('inputs.')
    ? { kind: 'object', name: text.slice('inputs.'.length) }
    : { kind: 'any' };
}

/** The types that a value may have, out of `pulumi.Input<… | undefined>`. */
function withoutInput(type: ts.TypeNode, source: ts.SourceFile): readonly ts.TypeNode[] {
  if (ts.isUnionTypeNode(type)) {
    return type.types.flatMap((inner) => withoutInput(inner, source));
  }
  if (ts.isParenthesizedTypeNode(type)) {
    return withoutInput(type.type, source);
  }
  if (type.kind === ts.SyntaxKind.UndefinedKeyword) {
    return [];
  }
  if (ts.isTypeReferenceNode(type) && type.typeName.getText(source) === 'pulumi.Input') {
    return (type.typeArguments ?? []).flatMap((inner) => withoutInput(inner, source));
  }
  return [type];
}
