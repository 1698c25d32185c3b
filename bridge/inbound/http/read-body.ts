import type { IncomingMessage } from 'node:http';
import { FoyerError } from '../../shared/errors.js';

/** How long a client may take to send a whole body. */
const BODY_MS = 20_000;

/**
 * The raw bytes of a request: signatures are made over them.
 * @param limit bytes
 * @throws FoyerError `body_too_large` before more than `limit` is held, `invalid_request` when the client takes too long or goes away
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(
    () => request.destroy(new FoyerError('invalid_request', 'The body took too long.')),
    BODY_MS,
  );
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof FoyerError) throw error;
    throw new FoyerError('invalid_request', 'The body ended early.', {}, { cause: error });
  } finally {
    clearTimeout(timer);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

/** @throws FoyerError `unsupported_media_type` | `invalid_json` */
export function parseJson(body: Buffer, contentType: string | undefined): unknown {
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? '')) {
    throw new FoyerError('unsupported_media_type', 'Send the body as application/json.');
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new FoyerError('invalid_json', 'The body isn’t JSON.');
  }
}

function tooLarge(limit: number): FoyerError {
  return new FoyerError('body_too_large', `The body may have ${limit} bytes.`, { limit });
}
