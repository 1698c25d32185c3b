import type { FeedEvent } from './types.js';
import { createSseParser } from './sse-parser.js';

/**
 * Reads a `text/event-stream` answer to its end. Settles when the bridge ends it; rejects when the connection breaks or is aborted, or
 * when the answer isn't such a stream.
 * @param onBytes anything came, if only a comment
 */
export async function readStream(
  answer: Response,
  onBytes: () => void,
  onEvent: (event: FeedEvent) => void,
): Promise<void> {
  const reader = answer.body?.getReader();
  if (!reader || !answer.headers.get('content-type')?.startsWith('text/event-stream'))
    throw new TypeError('not a stream');
  const parse = createSseParser((data) => onEvent(JSON.parse(data) as FeedEvent));
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes();
    parse(decoder.decode(value, { stream: true }));
  }
}
