/** Authorises requests: not at all, with an API key, or signed with AWS credentials. */
import { Sha256 } from '@aws-crypto/sha256-js';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { SignatureV4 } from '@smithy/signature-v4';

/** A request as it goes out. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Gives the headers of a request, its own and those that authorise it. Called for every attempt. */
export type Authorise = (request: OutgoingRequest) => Promise<Readonly<Record<string, string>>>;

export const withoutAuthorisation: Authorise = async ({ headers }) => headers;

/** Sends a key of an API Gateway usage plan. */
export function withApiKey(key: string): Authorise {
  return async ({ headers }) => ({ ...headers, 'x-api-key': key });
}

/** Signs for API Gateway (Signature Version 4) with the credentials that the AWS SDK finds. */
export function withSignature(
  region: string,
  credentials: ConstructorParameters<typeof SignatureV4>[0]['credentials'] = fromNodeProviderChain(),
): Authorise {
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  return async ({ method, url, headers, body }) => {
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      headers: { ...headers, host: url.host },
      body,
    });
    return signed.headers;
  };
}

/** The region of an API Gateway URL, `https://<id>.execute-api.<region>.amazonaws.com/…`; undefined for another. */
export function regionOfApi({ hostname }: URL): string | undefined {
  return /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/.exec(hostname)?.[1];
}
