/** Options of commands that read or write a folder or S3. */
import * as z from 'zod';
import { isS3Url, parseS3Url } from '../storage/open.ts';
import { messageOf, option, text } from './settings.ts';

/** A folder, or `s3://bucket/prefix`. */
export const location = text.superRefine((value, context) => {
  try {
    if (isS3Url(value)) {
      parseS3Url(value);
    }
  } catch (error) {
    context.addIssue(`is wrong: ${messageOf(error)}`);
  }
});

/** Points this process, and those that it starts, to an S3 API other than AWS's, through AWS_ENDPOINT_URL. */
export const endpoint = option(
  'URL',
  'where the S3 API is, if not at AWS (default: AWS_ENDPOINT_URL)',
  z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .transform((url) => {
      process.env.AWS_ENDPOINT_URL_S3 = url;
      return url;
    })
    .optional(),
);
