/** The artefacts in our bucket, where machines install them from: nothing on AWS fetches from the web. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { ArtefactError, artefactsFolder } from './cache.ts';
import { type ArtefactName, artefactNamed, artefacts } from './table.ts';

export interface UploadsArgs {
  readonly bucket: pulumi.Input<string>;
  /** The folder of the files on this machine. */
  readonly folder?: string;
  /** Requires the files; without an account nothing is uploaded and none is needed. */
  readonly required: boolean;
}

/** One object an artefact, under its version: a new version is a new object, and the old one goes last. */
export class Uploads extends pulumi.ComponentResource {
  private readonly objects: ReadonlyMap<ArtefactName, aws.s3.BucketObjectv2>;

  /** @throws ArtefactError naming every file that is missing */
  constructor(name: string, args: UploadsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { bucket, folder = artefactsFolder, required } = args;
    const missing = artefacts.filter(({ file }) => !existsSync(join(folder, file)));
    if (required && missing.length > 0) {
      const files = missing.map(({ file }) => file).join(', ');
      throw new ArtefactError(`${folder} has no ${files}: run npm run artefacts first.`);
    }
    super('pinterest:artefacts:Uploads', name, {}, opts);
    this.objects = new Map(
      artefacts.map((artefact) => [
        artefact.name,
        new aws.s3.BucketObjectv2(
          `${name}-${artefact.name}`,
          {
            bucket,
            key: keyOf(artefact.name),
            source: new pulumi.asset.FileAsset(join(folder, artefact.file)),
            ...(artefact.sha256 === undefined ? {} : { sourceHash: artefact.sha256 }),
          },
          { parent: this },
        ),
      ]),
    );
    this.registerOutputs({});
  }

  /** The object's key, known once it is uploaded. */
  keyOf(name: ArtefactName): pulumi.Output<string> {
    const object = this.objects.get(name);
    return object === undefined ? pulumi.output(keyOf(name)) : object.key;
  }
}

/** The key of an artefact in the bucket, such as `artefacts/msk-iam-auth/2.3.8/aws-msk-iam-auth-2.3.8-all.jar`. */
function keyOf(name: ArtefactName): string {
  const { version, file } = artefactNamed(name);
  return `artefacts/${name}/${version}/${file}`;
}
