/** Inputs of resources in a form that reads well in a diff: JSON unpacked, long content as a digest, secrets masked. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';

/** Marks in what goes over Pulumi's wire: `rpc.ts` of its Node SDK, the same in every release. */
const signature = '4dabf18193072939515e22adb298388d';
const secret = '1b47061264138c4ac30d75fd1eb44270';
const asset = 'c44067f5952c0a294b673a41bacd8c17';
const resource = '5cf8f73096256a8f31e491e813e4eb8e';

const longest = 2000;

/** A value of the wire, for people: keys sorted, JSON in text as the value that it is. */
export function canonicalValue(value: unknown): unknown {
  if (typeof value === 'string') {
    return canonicalText(value);
  }
  if (Array.isArray(value)) {
    return value.map(canonicalValue);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = new Map(Object.entries(value));
  switch (entries.get(signature)) {
    case secret:
      return '[secret]';
    case asset:
      return { asset: basename(String(entries.get('path') ?? '')) };
    case resource:
      return { resource: String(entries.get('urn')) };
    default:
      return Object.fromEntries(
        [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, canonicalValue(inner)]),
      );
  }
}

function canonicalText(text: string): unknown {
  const opened = openedJson(text);
  if (opened !== undefined) {
    return { json: canonicalValue(opened) };
  }
  if (isBase64Text(text)) {
    return { base64: canonicalText(Buffer.from(text, 'base64').toString('utf8')) };
  }
  return text.length > longest
    ? { sha256: createHash('sha256').update(text).digest('hex'), characters: text.length }
    : text;
}

function openedJson(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Recognises base64 of a string that is too long to be a word by chance. */
function isBase64Text(text: string): boolean {
  if (text.length < 80 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    return false;
  }
  const decoded = Buffer.from(text, 'base64');
  return decoded.toString('utf8').length > 0 && !decoded.toString('utf8').includes('\uFFFD');
}
