import { DeltaConflictError } from './error.ts';

/**
 * Does work that commits to a table anew when another writer has committed meanwhile.
 * @param attempts at most
 * @throws DeltaConflictError when others were first each time
 */
export async function againOnConflict<T>(attempts: number, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DeltaConflictError) || attempt === attempts) {
        throw error;
      }
    }
  }
}
