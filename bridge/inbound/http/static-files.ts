import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context } from 'koa';
import { FoyerError } from '../../shared/errors.js';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface Content {
  plain: Buffer;
  gzipped: Buffer;
  etag: string;
  changed: number;
}

/** Serves files of the bridge's own, each by its fixed path: with an ETag, gzipped for those who take it, kept in memory. */
export interface StaticFiles {
  /**
   * Answers with the file at `path`, or 304.
   * @param cache the Cache-Control of the answer
   * @throws FoyerError `not_found` when the build didn't make it
   */
  send(ctx: Context, path: string, cache: string): Promise<void>;
}

export function createStaticFiles(): StaticFiles {
  const known = new Map<string, Content>();

  async function read(path: string): Promise<Content> {
    const { mtimeMs } = await stat(path);
    const before = known.get(path);
    if (before?.changed === mtimeMs) return before;
    const plain = await readFile(path);
    const gzipped = await promisify(gzip)(plain, { level: 9 });
    const etag = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
    const content = { plain, gzipped, etag, changed: mtimeMs };
    known.set(path, content);
    return content;
  }

  return {
    async send(ctx, path, cache) {
      const content = await read(path).catch((cause: unknown) => {
        throw new FoyerError('not_found', 'This file is missing from the build.', {}, { cause });
      });
      const zipped = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
      ctx.vary('Accept-Encoding');
      ctx.set('Cache-Control', cache);
      ctx.set('ETag', `"${content.etag}${zipped ? '.gz' : ''}"`);
      ctx.status = 200;
      if (ctx.fresh) {
        ctx.status = 304;
        return;
      }
      ctx.type = TYPES[extname(path)] ?? 'application/octet-stream';
      if (zipped) ctx.set('Content-Encoding', 'gzip');
      ctx.body = zipped ? content.gzipped : content.plain;
    },
  };
}
