/** Says which Parquet file, and which of its columns, cannot be read, and why. */
export class ParquetError extends Error {
  override readonly name = 'ParquetError';
}
