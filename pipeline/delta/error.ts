/** A failure of a Delta table. The message names the table or file, and what to do. */
export class DeltaError extends Error {
  override readonly name: string = 'DeltaError';
}

/** Another writer committed first, so this commit no longer holds. */
export class DeltaConflictError extends DeltaError {
  override readonly name = 'DeltaConflictError';
}
