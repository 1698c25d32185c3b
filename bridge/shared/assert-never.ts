/** Ends a `switch` over a union: the compiler complains when a case is missing, and a value from outside fails loudly. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
