import { z } from 'zod';
import { UsageError } from './exit-codes.js';

/** Checks a value by a schema of the API. @throws UsageError that names the option or argument */
export function parsed<T extends z.ZodType>(what: string, schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (!result.success) throw new UsageError(`${what}: ${result.error.issues[0]?.message ?? 'can’t be used'}`);
  return result.data;
}

/** A whole number from 1. */
export function count(what: string, text: string): number {
  return parsed(what, z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER), text);
}
