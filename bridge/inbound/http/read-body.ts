import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { FoyerError } from '../../shared/errors.js';

/** How long a client may take to send a whole body. */
const BODY_MS = 15_000;

/**
 * The raw bytes of a request: signatures are made over them. What is refused is left unread: the answer goes out over the same connection, which the server ends
 * if the rest doesn't come.
 * @param limit bytes
 * @throws FoyerError `body_too_large` before more than `limit` is held, `unsupported_media_type`, `invalid_request` when the client takes too long or goes away
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (!/^(identity)?$/i.test(request.headers['content-encoding'] ?? ''))
    throw new FoyerError('unsupported_media_type', 'Send the body without a Content-Encoding.');
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      timer = setTimeout(() => reject(new FoyerError('invalid_request', 'The body took too long.')), BODY_MS);
      request.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limit) reject(tooLarge(limit));
        else chunks.push(chunk);
      });
      request.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
      const early = (cause?: Error) =>
        reject(new FoyerError('invalid_request', 'The body ended early.', {}, { cause }));
      request.once('error', early);
      request.once('close', () => early());
      if (request.destroyed) early();
    });
  } finally {
    clearTimeout(timer);
    request.removeAllListeners('data').resume();
  }
}

/** @throws FoyerError `unsupported_media_type` | `invalid_json` */
export function parseJson(body: Buffer, contentType: string | undefined): unknown {
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? '')) {
    throw new FoyerError('unsupported_media_type', 'Send the body as application/json.');
  }
  // Decoding would put a replacement character for each wrong byte, and nobody would know.
  if (!isUtf8(body)) throw new FoyerError('invalid_json', 'The body isn’t UTF-8.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new FoyerError('invalid_json', 'The body isn’t JSON.');
  }
}

function tooLarge(limit: number): FoyerError {
  return new FoyerError('body_too_large', `The body may have ${limit} bytes.`, { limit });
}
