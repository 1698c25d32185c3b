import { createRequire } from 'node:module';
import Router from '@koa/router';
import type { Context } from 'koa';

export interface DocsDeps {
  /** The OpenAPI document; asked for once. */
  document: () => Record<string, unknown>;
  /** The AsyncAPI document; asked for once. */
  callbacks: () => Record<string, unknown>;
  /** Sends a file of the disk. */
  send: (ctx: Context, path: string, cache: string) => Promise<void>;
}

const CACHE = 'public, max-age=86400';
/** What of swagger-ui is served. */
const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js'];

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Foyer API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, docExpansion: 'list', defaultModelsExpandDepth: 0 });
`;

/**
 * Nothing from elsewhere, no script in the page; swagger-ui sets styles by itself and has images in data: addresses.
 */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The API's document at /openapi.json, that of the callbacks at /asyncapi.json, and a page at /docs that shows it and tries it out. */
export function docsRouter({ document, callbacks, send }: DocsDeps): Router {
  const router = new Router();
  for (const [path, make] of Object.entries({ '/openapi.json': document, '/asyncapi.json': callbacks })) {
    let json: string | undefined;
    router.get(path, (ctx) => {
      ctx.state['route'] = path;
      ctx.type = 'application/json';
      ctx.body = json ??= JSON.stringify(make());
    });
  }
  router.get('/docs', (ctx) => {
    ctx.state['route'] = '/docs';
    ctx.set('Content-Security-Policy', POLICY);
    ctx.type = 'text/html';
    ctx.body = PAGE;
  });
  router.get('/docs/start.js', (ctx) => {
    ctx.state['route'] = '/docs/:file';
    ctx.set('Cache-Control', CACHE);
    ctx.type = 'text/javascript';
    ctx.body = START;
  });
  const { resolve } = createRequire(import.meta.url);
  for (const file of FILES) {
    router.get(`/docs/${file}`, async (ctx) => {
      ctx.state['route'] = '/docs/:file';
      await send(ctx, resolve(`swagger-ui-dist/${file}`), CACHE);
    });
  }
  return router;
}
