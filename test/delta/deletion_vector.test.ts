import { expect, it } from 'vitest';
import { deletedRows } from '../../pipeline/delta/deletion_vector.ts';
import { localStore } from '../../pipeline/storage/local.ts';
import { temporaryFolder } from '../support/folder.ts';

/** The example of the Delta protocol, "Deletion Vector Descriptor Schema". */
const inline = {
  storageType: 'i',
  pathOrInlineDv: 'wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L',
  sizeInBytes: 40,
  cardinality: 6,
} as const;

it('reads the positions that the protocol’s example of an inline vector holds', async () => {
  expect([...(await deletedRows(localStore(temporaryFolder()), inline))]).toEqual([3, 4, 7, 11, 18, 29]);
});

it('refuses a vector that does not hold as many rows as the log says', async () => {
  const wrong = deletedRows(localStore(temporaryFolder()), { ...inline, cardinality: 7 });
  await expect(wrong).rejects.toThrow(/holds 6 rows, not 7/);
});

it('says which file of a vector is missing', async () => {
  const missing = {
    ...inline,
    storageType: 'u',
    pathOrInlineDv: 'ab^-aqEH.-t@S}K{vb[*k^',
    offset: 4,
  } as const;
  await expect(deletedRows(localStore(temporaryFolder()), missing)).rejects.toThrow(
    'ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin',
  );
});

it('refuses a path outside of the table', async () => {
  const absolute = { ...inline, storageType: 'p', pathOrInlineDv: 's3://other/vector.bin' } as const;
  await expect(deletedRows(localStore(temporaryFolder()), absolute)).rejects.toThrow('s3://other/vector.bin');
});
