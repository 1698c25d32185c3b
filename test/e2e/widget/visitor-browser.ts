import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type FrameLocator,
  type Locator,
  type Page,
} from 'playwright-core';
import { buildWidget } from '../../../bridge/widget/build.mjs';
import { until } from '../../support/until.js';

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
/** Where pages and bridge are to be below one domain, as at most sites. */
const DOMAIN = '--host-resolver-rules=MAP *.shop.test localhost';

/** A site with the widget, and real browsers that visit it. */
export interface VisitorBrowser {
  /**
   * Address of the site: of another origin and another host name than the bridge, so that its storage is apart. `lang`, `policy` (of
   * content) and `nonce` in the query shape the page, `desk` names another desk, `nick` and `email` are what the site knows of the visitor, `identity` its word on that; with
   * `bare` it comes without the widget.
   */
  site: string;
  /** A browser of its own, as of another visitor. */
  visitor(options?: BrowserContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

/** One tab on the site. */
export interface Tab {
  page: Page;
  chat: FrameLocator;
  launcher: Locator;
  field: Locator;
  open(): Promise<void>;
  /** Puts a text into the field. */
  write(text: string): Promise<void>;
  say(text: string): Promise<void>;
  /** Texts of the window, in order; the visitor's alone with `own`. */
  texts(own?: boolean): Promise<string[]>;
  untilTexts(what: string, holds: (texts: string[]) => boolean, seconds?: number): Promise<string[]>;
  /** Rules that axe finds broken, on the page and in the frame. */
  faults(): Promise<string[]>;
}

/** Builds the widget where the bridge looks for it, and starts browser and site. `bridge`: its address. */
export async function visitorBrowser(bridge: string): Promise<VisitorBrowser> {
  await buildWidget(fileURLToPath(new URL('../../../dist/bridge/widget', import.meta.url)));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://site');
    const title = `Page ${pathname}`;
    const policy = searchParams.get('policy');
    if (policy) response.setHeader('content-security-policy', policy);
    const attributes = `nonce="${searchParams.get('nonce') ?? ''}" data-desk="${searchParams.get('desk') ?? 'main'}" data-nick="${searchParams.get('nick') ?? 'Vera'}" data-email="${searchParams.get('email') ?? ''}" data-identity="${searchParams.get('identity') ?? ''}"`;
    const widget = `<script async src="${bridge}/widget.js" ${attributes}></script>`;
    response.setHeader('content-type', 'text/html; charset=utf-8').end(
      `<!doctype html><html lang="${searchParams.get('lang') ?? 'en'}"><head><title>${title}</title>
       <meta name="viewport" content="width=device-width">
       ${searchParams.has('bare') ? '' : widget}</head>
       <body><main><h1>${title}</h1><button id="before">A button of the site</button></main></body></html>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [...FLAGS.split(' '), DOMAIN],
  });
  return {
    site: `http://localhost:${(server.address() as AddressInfo).port}`,
    visitor: (options = {}) => browser.newContext({ viewport: { width: 1100, height: 800 }, ...options }),
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Opens a page of the site in a new tab and waits for the launcher. */
export async function openTab(visitor: BrowserContext, address: string): Promise<Tab> {
  const page = await visitor.newPage();
  await page.goto(address);
  const chat = page.frameLocator('.foyer-window iframe');
  const launcher = page.locator('.foyer-launcher');
  const field = chat.locator('#text');
  await launcher.waitFor();
  const texts = (own = false): Promise<string[]> =>
    chat.locator(own ? '.own .text' : '.message:has(.meta:not(:empty)) .text').allTextContents();
  /** As a person does it, who clicks first and sees whether the text is there. */
  const write = async (text: string): Promise<void> => {
    await until(async () => {
      await field.click();
      await field.fill(text);
      return (await field.inputValue()) === text;
    }, 'the text in the field');
  };
  return {
    page,
    chat,
    launcher,
    field,
    texts,
    async open() {
      await launcher.click();
      await field.waitFor();
    },
    write,
    async say(text) {
      await write(text);
      await field.press('Enter');
    },
    untilTexts: (what, holds, seconds) =>
      until(
        async () => {
          // The window may be beginning anew just then.
          const now = await texts().catch(() => null);
          return now && holds(now) ? now : null;
        },
        what,
        seconds,
      ),
    async faults() {
      const found: string[] = [];
      for (const frame of page.frames()) {
        await frame.evaluate(AXE);
        const run =
          'axe.run(document, { iframes: false }).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html)))';
        found.push(...((await frame.evaluate(run)) as string[]));
      }
      return found;
    },
  };
}
