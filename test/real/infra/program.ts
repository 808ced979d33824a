/** The program as the engine's tests run it: the repo's own, or with the change that CHANGE names. */
const { default: program } = process.env.CHANGE
  ? await import('./changed_program.ts')
  : await import('../../../infra/index.ts');

export default (): Record<string, unknown> => {
  // Pulumi's SDK keeps a stack of each of its promises, which takes a quarter of a run to format.
  Error.stackTraceLimit = 0;
  return program();
};
