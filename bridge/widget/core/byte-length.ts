/** The most that one message may hold, in bytes of UTF-8. */
export const MAX_MESSAGE_BYTES = 30_720;

/** Length of a text in bytes of UTF-8. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
