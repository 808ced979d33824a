/** Runs all property tests with the seed in SEED, which a failure has printed; without it, each has a seed of its own. */
import fc from 'fast-check';

const { SEED } = process.env;
if (SEED !== undefined) {
  fc.configureGlobal({ seed: Number(SEED) });
}
