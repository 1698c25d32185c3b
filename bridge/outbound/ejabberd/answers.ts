import { EjabberdError } from './admin-errors.js';

/**
 * Results of ejabberd's commands have two shapes: up to 24.02 (API version 0) a single value is wrapped in an object under
 * the result's name, `{"num_resources": 3}`; later it is bare, `3`.
 */
export function unwrap(answer: unknown, name: string): unknown {
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer) && name in answer) {
    return (answer as Record<string, unknown>)[name];
  }
  return answer;
}

/** A `rescode`: 0 is success and 1 is not; both come with status 200. */
export function expectOk(command: string, answer: unknown): void {
  if (unwrap(answer, 'res') !== 0) {
    throw new EjabberdError('failed', `ejabberd couldn't do ${command}`);
  }
}

export function asNumber(value: unknown): number {
  return typeof value === 'number' ? value : Number(value ?? 0) || 0;
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The objects of a list result, whatever order ejabberd gives them (26.x sorts them). */
export function asRecords(answer: unknown, name: string): Record<string, unknown>[] {
  const list = unwrap(answer, name);
  return Array.isArray(list)
    ? list.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null)
    : [];
}

export function asTexts(answer: unknown, name: string): string[] {
  const list = unwrap(answer, name);
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}
