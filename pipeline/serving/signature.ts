/**
 * Lets those in who sign their requests with AWS credentials (Signature Version 4), as API Gateway does: the official signer signs
 * the request again, and both signatures must be the same.
 */
import { timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Access } from './access.ts';
import { UnknownCaller } from './refused.ts';
import { expectBody } from './signed_body.ts';

export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A signature is good for so long before and after its time, as at AWS. */
const longestSkewMilliseconds = 5 * 60_000;

const service = 'execute-api';

/** Without these in the signature, a caller's request could be sent elsewhere, later, or with another body. */
const neededHeaders = ['host', 'x-amz-date', 'x-amz-content-sha256'];

const pattern =
  /^AWS4-HMAC-SHA256 +Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/execute-api\/aws4_request, *SignedHeaders=([a-z0-9;-]+), *Signature=([0-9a-f]{64})$/;

/**
 * @param others decides on requests without a signature; default: they are not let in
 * @param now milliseconds since 1970
 */
export function signatureAccess(
  credentials: readonly SigningCredentials[],
  others: Access | undefined,
  now: () => number = Date.now,
): Access {
  const signers = new Map(
    credentials.map((one) => [
      one.accessKeyId,
      new SignatureV4({ service, region: '', credentials: one, sha256: Sha256, applyChecksum: false }),
    ]),
  );
  return async (request) => {
    const { headers } = request;
    const [, accessKeyId = '', date = '', signingRegion = '', names = '', signature = ''] =
      pattern.exec(headers.authorization ?? '') ?? [];
    if (signature === '') {
      if (others === undefined) {
        throw new UnknownCaller();
      }
      return others(request);
    }
    const signed = names.split(';');
    const signingDate = dateOf(headers['x-amz-date']);
    const signer = signers.get(accessKeyId);
    if (
      signer === undefined ||
      signingDate === undefined ||
      !String(headers['x-amz-date']).startsWith(date) ||
      Math.abs(signingDate.getTime() - now()) > longestSkewMilliseconds ||
      neededHeaders.some((name) => !signed.includes(name))
    ) {
      throw new UnknownCaller();
    }
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://any');
    const again = await signer.sign(
      {
        method: request.method ?? '',
        protocol: 'https:',
        hostname: '',
        path: pathname,
        query: Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)])),
        headers: Object.fromEntries(signed.map((name) => [name, String(headers[name] ?? '')])),
      },
      { signingDate, signingRegion, signableHeaders: new Set(signed) },
    );
    const [, expected = ''] = /Signature=([0-9a-f]{64})$/.exec(again.headers.authorization ?? '') ?? [];
    if (expected === '' || !timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) {
      throw new UnknownCaller();
    }
    expectBody(request, String(headers['x-amz-content-sha256']));
    return `credentials ${accessKeyId}`;
  };
}

/** Reads `20150830T123600Z`. */
function dateOf(header: unknown): Date | undefined {
  const [, year, month, day, hours, minutes, seconds] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(header)) ?? [];
  return year === undefined ? undefined : new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
}
