/** Renders a mapping template as API Gateway does, for the parts that ours use: VTL by velocityjs, and its variables. */
import { render } from 'velocityjs';

/** A request or an answer that a template sees. */
export interface TemplateInput {
  readonly body?: unknown;
  /** Path, query and header parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The rendered result; `status` when the template overrode it. */
export interface Rendered {
  readonly text: string;
  readonly status: number | undefined;
}

export function renderTemplate(template: string, { body = {}, parameters = {} }: TemplateInput): Rendered {
  const responseOverride: { status?: number } = {};
  const text = render(template, {
    input: {
      path: (path: string) => javaValue(valueAt(body, path)),
      json: (path: string) => JSON.stringify(valueAt(body, path) ?? ''),
      params: (name: string) => new JavaString(parameters[name] ?? ''),
    },
    util: {
      base64Encode: (text: string) => Buffer.from(String(text)).toString('base64'),
      escapeJavaScript: (text: string) => new JavaString(escapeJavaScript(String(text))),
    },
    context: { responseOverride },
  });
  return { text, status: responseOverride.status };
}

/** The methods of java.lang.String that templates call: the first argument is a regular expression there. */
class JavaString {
  constructor(private readonly text: string) {}

  replaceAll(expression: string, by: string): JavaString {
    return new JavaString(this.text.replaceAll(new RegExp(expression, 'g'), by));
  }

  matches(expression: string): boolean {
    return new RegExp(`^(?:${expression})$`).test(this.text);
  }

  contains(part: string): boolean {
    return this.text.includes(part);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

function javaValue(value: unknown): unknown {
  return typeof value === 'string' && value !== '' ? new JavaString(value) : (value ?? '');
}

/** Apache Commons's StringEscapeUtils.escapeJavaScript, which `$util.escapeJavaScript` is. */
function escapeJavaScript(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll("'", "\\'").replaceAll('/', '\\/');
}

/** JSONPath, as far as `$`, `.name`, `['name']` and `[0]`. */
function valueAt(body: unknown, path: string): unknown {
  const steps = [...path.matchAll(/\.([A-Za-z_][\w-]*)|\['([^']+)'\]|\[([0-9]+)\]/g)];
  return steps.reduce<unknown>((value, [, name, quoted, index]) => {
    const key = name ?? quoted ?? index ?? '';
    return typeof value === 'object' && value !== null
      ? Object.getOwnPropertyDescriptor(value, key)?.value
      : undefined;
  }, body);
}
