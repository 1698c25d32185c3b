import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import Koa from 'koa';
import { demoPages } from '../../../bridge/inbound/visitor-api/demo-pages.js';
import { widgetFiles } from '../../../bridge/inbound/visitor-api/widget-files.js';
import { FoyerError } from '../../../bridge/shared/errors.js';

const ORIGINS: Record<string, string[]> = {
  open: ['*'],
  shop: [
    'https://shop.example',
    'https://*.shop.example',
    'http://localhost:8080',
    "https://evil.example; script-src 'unsafe-inline'",
  ],
  'other shop': ['https://other.example'],
};

describe('widget: its files over HTTP', () => {
  let directory: string;
  let server: Server;
  let base: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'foyer-files-'));
    await mkdir(join(directory, 'strings'));
    await mkdir(join(directory, 'demo'));
    for (const name of ['widget.js', 'frame.js', 'frame.css', 'frame.html', 'strings/en.json', 'strings/de.json']) {
      await writeFile(join(directory, name), `/* ${name} */`.repeat(50));
    }
    for (const name of ['index.html', 'pricing.html', 'docs.html', 'demo.css'])
      await writeFile(join(directory, 'demo', name), name);
    const app = new Koa();
    app.use(async (ctx, next) => {
      try {
        await next();
      } catch (error) {
        if (!(error instanceof FoyerError)) throw error;
        ctx.status = error.status;
      }
    });
    const frameAncestors = async (desk: string, instance?: string): Promise<string[]> =>
      ORIGINS[instance === undefined ? desk : `${instance} ${desk}`] ?? [];
    app.use(widgetFiles({ directory, frameAncestors }).routes());
    app.use(demoPages(directory).routes());
    const handle = app.callback();
    server = createServer((request, response) => void handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true, force: true });
  });

  const ancestors = async (query: string): Promise<string | undefined> => {
    const policy = (await fetch(`${base}/widget/frame.html${query}`)).headers.get('content-security-policy') ?? '';
    return /frame-ancestors ([^;]*)/.exec(policy)?.[1];
  };

  it('serves each with its type, and caches for good only what is named by its content', async () => {
    const table = {
      '/widget.js': ['text/javascript', 'max-age=300'],
      '/widget/frame.js': ['text/javascript', 'immutable'],
      '/widget/frame.css': ['text/css', 'immutable'],
      '/widget/frame.html': ['text/html', 'no-cache'],
      '/widget/strings/de.json': ['application/json', 'immutable'],
      '/demo': ['text/html', 'no-cache'],
      '/demo/pricing': ['text/html', 'no-cache'],
      '/demo/docs': ['text/html', 'no-cache'],
      '/demo/demo.css': ['text/css', 'no-cache'],
    };
    for (const [path, [type, cache]] of Object.entries(table)) {
      const answer = await fetch(base + path);
      expect(answer.status, path).to.equal(200);
      expect(answer.headers.get('content-type'), path).to.include(type);
      expect(answer.headers.get('cache-control'), path).to.include(cache);
      expect(await answer.text()).to.not.equal('');
    }
  });

  it('answers 304 to who has it already, for each encoding', async () => {
    for (const encoding of ['gzip', 'identity']) {
      const headers = { 'accept-encoding': encoding };
      const first = await fetch(`${base}/widget.js`, { headers });
      const etag = first.headers.get('etag') ?? '';
      expect(first.headers.get('content-encoding')).to.equal(encoding === 'gzip' ? 'gzip' : null);
      expect(
        (
          await fetch(`${base}/widget.js`, {
            headers: { ...headers, 'cache-control': 'max-age=0', 'if-none-match': etag },
          })
        ).status,
      ).to.equal(304);
      expect(
        (
          await fetch(`${base}/widget.js`, {
            headers: { ...headers, 'cache-control': 'max-age=0', 'if-none-match': '"other"' },
          })
        ).status,
      ).to.equal(200);
    }
  });

  it('serves a new build without a restart', async () => {
    const etag = async (): Promise<string | null> => (await fetch(`${base}/widget/frame.css`)).headers.get('etag');
    const before = await etag();
    await writeFile(join(directory, 'frame.css'), '/* new */');
    expect(await etag()).to.not.equal(before);
  });

  it('lets only the desk’s sites show the frame', async () => {
    expect(await ancestors('?desk=open')).to.equal('*');
    expect(await ancestors('?desk=shop')).to.equal(
      "'self' https://shop.example https://*.shop.example http://localhost:8080",
    );
    expect(await ancestors('?desk=shop&instance=other')).to.equal("'self' https://other.example");
    for (const query of ['', '?desk=nobody', '?desk=../x', '?desk=open&desk=open', '?desk=open&instance=%0d%0ax']) {
      expect(await ancestors(query), query).to.equal("'self'");
    }
  });

  it('forbids the frame inline code and everything but the bridge', async () => {
    const policy = (await fetch(`${base}/widget/frame.html?desk=open`)).headers.get('content-security-policy');
    expect(policy).to.include("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
    expect(policy).to.not.include('unsafe');
  });

  it('gives English for a language that it hasn’t got a word for, and nothing outside its folder', async () => {
    expect(await (await fetch(`${base}/widget/strings/x-y.json`)).text()).to.include('en.json');
    expect((await fetch(`${base}/widget/strings/zz.json`)).status).to.equal(404);
    expect((await fetch(`${base}/widget/strings/..%2fframe.json`)).status).to.be.oneOf([200, 404]);
    expect((await fetch(`${base}/widget/strings/de.json`)).headers.get('access-control-allow-origin')).to.equal('*');
  });
});
