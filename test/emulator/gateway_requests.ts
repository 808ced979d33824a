/** Requests to a gateway, as its tests send them. */
import { produceContentType } from '../../pipeline/api/document.ts';

export async function ask(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  const text = await response.text();
  const answer: unknown = text === '' ? '' : JSON.parse(text);
  return { status: response.status, headers: response.headers, answer };
}

export function produce(url: string, body: string, headers: Record<string, string> = {}) {
  return ask(`${url}/topics/pin`, {
    method: 'POST',
    headers: { 'content-type': produceContentType, ...headers },
    body,
  });
}

export function put(url: string, path: string, body: string, headers: Record<string, string> = {}) {
  return ask(`${url}/streams/${path}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

export const ofEvent = (index: number) => `{"records":[{"value":{"index":${index}}}]}`;
export const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** The headers of a request whose body is longer than what follows. */
export function half(bytes: number, host = '127.0.0.1'): string {
  return `POST /topics/pin HTTP/1.1\r\nHost: ${host}\r\nContent-Type: ${produceContentType}\r\nContent-Length: ${bytes}\r\n\r\n`;
}
