import { z } from 'zod';

export type Json = Record<string, unknown>;

/**
 * Turns the schemas that validate into those of the document; what has an id becomes a component that others refer to.
 */
export class SchemaCollector {
  readonly components: Json = {};

  /** @param io `input`: what a client may send; `output`: what it reads, where fields may be added later */
  convert(schema: z.ZodType, io: 'input' | 'output'): Json {
    // The schema sits in an object, or one that has an id itself would be written out instead of referred to.
    const json = z.toJSONSchema(z.object({ root: schema }), { io, unrepresentable: 'any' }) as unknown as {
      properties: { root: Json };
      $defs?: Json;
    };
    for (const [id, definition] of Object.entries(json.$defs ?? {})) this.keep(id, tidy(definition, io) as Json);
    return tidy(json.properties.root, io) as Json;
  }

  private keep(id: string, definition: Json): void {
    const known = this.components[id];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(definition))
      throw new Error(`Two schemas are called ${id}`);
    this.components[id] = definition;
  }
}

const SAFE = Number.MAX_SAFE_INTEGER;

/** References point into the components; bounds that every number has in JSON are left out. */
function tidy(value: unknown, io: 'input' | 'output'): unknown {
  if (Array.isArray(value)) return value.map((item) => tidy(item, io));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (key === '$ref' && typeof inner === 'string') return [[key, inner.replace('#/$defs/', '#/components/schemas/')]];
    if ((key === 'minimum' && inner === -SAFE) || (key === 'maximum' && inner === SAFE)) return [];
    if (io === 'output' && key === 'additionalProperties' && inner === false) return [];
    return [[key, tidy(inner, io)]];
  });
  return Object.fromEntries(entries);
}
