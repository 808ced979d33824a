/** A real system, rather than an imitation, that tests run against. */
export interface RealSystem {
  /** Its name in scripts/setup-real-systems. */
  readonly name: string;
  /** The reason why it cannot be used here and the remedy; undefined when it can. */
  missing(): string | undefined;
  /** Its name and version, for the report at the end of a run. */
  version(): string;
}
