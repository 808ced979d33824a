/**
 * The Python of notebooks, kept in `templates/*.py`. Each file is valid Python; these comment lines are replaced:
 *
 * | line                 | becomes                                     |
 * |----------------------|---------------------------------------------|
 * | `# @include FILE.py` | the template FILE.py                        |
 * | `# @insert NAME`     | what is generated under NAME                |
 * | `# @note TEXT`       | nothing: for readers of the template alone  |
 */
import { readFileSync } from 'node:fs';

/**
 * Reads and fills a template.
 * @param generated Python by the names that the template inserts
 * @throws RangeError when the template inserts what was not generated
 */
export function filledTemplate(file: string, generated: Readonly<Record<string, string>> = {}): string {
  return readFileSync(new URL(`templates/${file}`, import.meta.url), 'utf8')
    .replace(/^ *# @note .*\n/gm, '')
    .replace(/^# @include (.+)$/gm, (_, included) => filledTemplate(included).trimEnd())
    .replace(/^ *# @insert (.+)$/gm, (_, name) => {
      const python = generated[name];
      if (python === undefined) {
        throw new RangeError(`The template ${file} inserts "${name}", which is not generated for it.`);
      }
      return python;
    });
}
