/** What went wrong with a Delta table: with which table or file, and what to do. */
export class DeltaError extends Error {
  override readonly name: string = 'DeltaError';
}

/** Another writer committed first, and what was to be committed no longer holds. */
export class DeltaConflictError extends DeltaError {
  override readonly name = 'DeltaConflictError';
}
