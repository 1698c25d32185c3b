import fc, { type Arbitrary } from 'fast-check';
import type { Json } from './malformed.js';

export interface Schema {
  $ref?: string;
  anyOf?: Schema[];
  oneOf?: Schema[];
  const?: Json;
  enum?: Json[];
  type?: string;
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
}

/** By the name of a property: values that mean something to the bridge under test. */
export type Hints = Readonly<Record<string, Arbitrary<Json>>>;

const LONGEST = 40;
const MOST = 3;

/** Generates what a JSON schema describes, as far as those of the published document go. */
export function fromSchema(schema: Schema, hints: Hints = {}): Arbitrary<Json> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return fc.oneof(...choice.map((one) => fromSchema(one, hints)));
  switch (schema.type) {
    case 'string':
      return text(schema);
    case 'integer':
    case 'number': {
      const min = schema.minimum ?? (schema.exclusiveMinimum === undefined ? -100 : schema.exclusiveMinimum + 1);
      return fc.integer({ min, max: Math.min(schema.maximum ?? 2 ** 31, 2 ** 31) });
    }
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(fromSchema(schema.items ?? {}, hints), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? MOST, MOST)),
      });
    case 'object':
      return object(schema, hints);
    default:
      throw new Error(`This schema says nothing that is known here: ${JSON.stringify(schema)}`);
  }
}

function text({ pattern, format, minLength = 0, maxLength = LONGEST }: Schema): Arbitrary<Json> {
  if (format === 'email') return fc.constant('vera@shop.example');
  if (format === 'date-time') return fc.date({ noInvalidDate: true, min: new Date(0) }).map((at) => at.toISOString());
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, LONGEST)) });
}

function object({ properties = {}, required = [], additionalProperties }: Schema, hints: Hints): Arbitrary<Json> {
  const model = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, hints[name] ?? fromSchema(schema, hints)]),
  );
  const known = fc.record(model, { requiredKeys: required }) as Arbitrary<Record<string, Json>>;
  if (typeof additionalProperties !== 'object') return known;
  return fc.dictionary(fc.stringMatching(/^[a-z]{1,10}$/), fromSchema(additionalProperties, hints), { maxKeys: MOST });
}
