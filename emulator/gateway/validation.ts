/** Checks requests against the OpenAPI document. */
import type { FastifyRequest } from 'fastify';
import type { OpenApiDocument, Operation, Schema } from '../../pipeline/api/document.ts';
import { eventSchemaName } from '../../pipeline/api/schemas.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';

/** A request does not have the shape that the document asks for. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';

  constructor(
    message: string,
    /** Path of the wrong value in the body, such as `/records/0/value/title`. */
    readonly place: string,
  ) {
    super(message);
  }
}

/** Checks the bodies of one operation. */
export class BodyCheck {
  private readonly schema: Schema | undefined;
  private readonly inlined = new Map<string, object>();

  constructor(
    private readonly document: OpenApiDocument,
    operation: Operation,
  ) {
    this.schema = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  }

  /**
   * Checks a body; the events in it are checked as those of the dataset, or as any event when it is not known.
   * @param part the records that are checked, where they are many
   * @returns what was checked: the body, with these records alone
   * @throws InvalidRequest naming the field
   */
  check(request: FastifyRequest, dataset: Dataset | undefined, part: RecordRange = allRecords): unknown {
    const body = partOf(request.body, part);
    if (this.schema === undefined) {
      return body;
    }
    const event = dataset ? eventSchemaName(dataset) : 'Event';
    const schema = this.inlined.get(event) ?? inline(this.schema, this.document, event);
    this.inlined.set(event, schema);
    const validate = request.compileValidationSchema(schema, 'body');
    if (!validate(body ?? null)) {
      const [error] = validate.errors ?? [];
      const place = (error?.instancePath ?? '').replace(
        /^\/records\/([0-9]+)/,
        (_, index) => `/records/${part.first + Number(index)}`,
      );
      const field = place
        .replace(/\/([0-9]+)/g, '[$1]')
        .replace(/\//g, '.')
        .replace(/^\./, '');
      throw new InvalidRequest(`${field || 'the body'} ${error?.message ?? 'is wrong'}`, place);
    }
    return body;
  }
}

/** Records of a request, by the index of the first. */
interface RecordRange {
  readonly first: number;
  readonly count: number;
}

const allRecords: RecordRange = { first: 0, count: Infinity };

function partOf(body: unknown, { first, count }: RecordRange): unknown {
  if (body instanceof Object && 'records' in body && Array.isArray(body.records)) {
    const { records } = body;
    return first === 0 && records.length <= count
      ? body
      : { ...body, records: records.slice(first, first + count) };
  }
  return body;
}

/** The JSON of a value that came in a request. @param place its path, for the error @throws InvalidRequest */
export function jsonText(value: unknown, place: string): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // The only value that JSON.parse reads and JSON.stringify cannot write.
    throw new InvalidRequest(
      `${place} is nested too deep: ${String(error)}`,
      `/${place.replaceAll(/[.[]/g, '/').replaceAll(']', '')}`,
    );
  }
}

/** Puts each schema in the place where it is referred to; the event of any dataset becomes one of `event`. */
function inline(schema: Schema, document: OpenApiDocument, event: string): object {
  if ('$ref' in schema) {
    const name = schema.$ref.slice('#/components/schemas/'.length);
    const found = document.components.schemas[name === 'Event' ? event : name];
    if (found === undefined) {
      throw new Error(`The OpenAPI document refers to ${schema.$ref}, which it does not hold.`);
    }
    return inline(found, document, event);
  }
  if ('items' in schema) {
    return { ...schema, items: inline(schema.items, document, event) };
  }
  if ('properties' in schema && schema.properties) {
    const properties = Object.entries(schema.properties).map(([name, property]) => [
      name,
      inline(property, document, event),
    ]);
    return { ...schema, properties: Object.fromEntries(properties) };
  }
  return schema;
}
