/** The program as Pulumi's engine runs it in tests: bundled, for it runs some thirty times. */
import { bundled } from '../../support/bundled.mjs';

const { default: program } = await import(await bundled('test/real/infra/program.ts'));
export default program;
