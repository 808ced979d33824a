/**
 * Many small landings in few Spark jobs: every table gets a column that says which case a row belongs to, and every
 * step of a plan keeps the cases apart.
 */
import type { RelationNode } from '../../../pipeline/plan/relation.ts';
import { unknownNode } from '../../../pipeline/plan/relation.ts';
import type { Schema } from '../../../pipeline/plan/types.ts';
import { land as landFile } from '../../support/landing.ts';

/** The column of the case; no dataset has one of this name. */
export const caseColumn = 'case_number';

const withCase = (schema: Schema): Schema => ({ [caseColumn]: 'int', ...schema });
const firstByCase = { column: caseColumn, descending: false };

/** The plan that gives the answer of every case at once. */
export function ofEveryCase(node: RelationNode): RelationNode {
  const schema = withCase(node.schema);
  switch (node.kind) {
    case 'source':
      return { ...node, schema };
    case 'select': {
      const columns = { [caseColumn]: { kind: 'column', name: caseColumn } as const, ...node.columns };
      return { ...node, schema, input: ofEveryCase(node.input), columns };
    }
    case 'where':
    case 'distinct':
    case 'explode':
      return { ...node, schema, input: ofEveryCase(node.input) };
    case 'union':
      return { ...node, schema, left: ofEveryCase(node.left), right: ofEveryCase(node.right) };
    case 'join':
    case 'left_join':
    case 'semi_join':
    case 'anti_join': {
      const [left, right] = [ofEveryCase(node.left), ofEveryCase(node.right)];
      return { ...node, schema, left, right, on: [caseColumn, ...node.on] };
    }
    case 'aggregate':
    case 'top':
    case 'window':
      return { ...node, schema, input: ofEveryCase(node.input), by: [caseColumn, ...node.by] };
    case 'order':
      return { ...node, schema, input: ofEveryCase(node.input), order: [firstByCase, ...node.order] };
    default:
      return unknownNode(node);
  }
}

/** Landing files by path, from the landing folder on. */
export type Landing = Readonly<Record<string, Buffer>>;

/** Writes landing files below a folder. */
export async function land(folder: string, files: Landing): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await landFile(folder, path, content);
  }
}

/** One landing file of lines; the last one without a line end when `open`. */
export function landingFile(lines: readonly Buffer[], open = false): Buffer {
  const content = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
  return open ? content.subarray(0, -1) : content;
}
