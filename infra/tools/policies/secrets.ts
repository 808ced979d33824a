/** No secret in plain text in any input. */
import type { Rule, Violation } from './declared.ts';

/** Inputs that are meant to hold a secret, which Pulumi encrypts in its state and masks in what it prints. */
const meant: Readonly<Record<string, readonly string[]>> = {
  'aws:secretsmanager/secretVersion:SecretVersion': ['secretString'],
  'databricks:index/secret:Secret': ['stringValue'],
  'pulumi:providers:databricks': ['clientSecret'],
};

/** Patterns of secrets. */
const shapes: readonly (readonly [string, RegExp])[] = [
  ['an AWS access key', /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a Databricks token', /\bdapi[0-9a-f]{32}\b/],
  ['a Databricks OAuth secret', /\bdose[0-9a-f]{32}\b/],
  ['a URL with a password', /[a-z]+:\/\/[^\s/:@]+:[^\s/@]+@/i],
];

/** Names of inputs that only a secret can be the value of. */
const secretNames =
  /^(password|passwordWo|masterPassword|secretKey|accessKey|token|clientSecret|secretString|stringValue)$/;

export const secrets: Rule = {
  name: 'no-plain-secrets',
  description:
    'Secrets come from Secrets Manager or from encrypted configuration, and stand in no input as text.',
  each: ({ type, inputs }) =>
    Object.entries(inputs)
      .filter(([key]) => !(meant[type] ?? []).includes(key))
      .flatMap(([key, value]) => found(key, value, key)),
};

function found(key: string, value: unknown, path: string): readonly Violation[] {
  if (typeof value === 'string') {
    const named = secretNames.test(key) && value !== '' && value !== '[secret]';
    const shaped = shapes.filter(([, shape]) => shape.test(value)).map(([what]) => what);
    return [...(named ? ['a secret'] : []), ...shaped].map((what) => `${path} holds ${what} in plain text`);
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([inner, content]) => found(inner, content, `${path}.${inner}`));
}
