import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page as Tab,
} from 'playwright-core';
import { createApiKey, newApiKey } from '../../../bridge/domain/instances/create-api-key.js';
import type { Scope } from '../../../bridge/domain/reads.js';
import { randomIds } from '../../../bridge/shared/ids.js';
import { hashSecret } from '../../../bridge/storage/credentials.js';
import { buildWidget } from '../../../bridge/widget/build.mjs';
import type { TestFoyer } from '../../support/bridge.js';

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Supervisors in real browsers, each in one of its own. */
export class Supervisors {
  /** What browsers said that is no word of the page's own: refused by its policy, thrown by its script. */
  readonly complaints: string[] = [];
  private readonly contexts: BrowserContext[] = [];

  private constructor(
    private readonly foyer: TestFoyer,
    private readonly browser: Browser,
    /** With the scope chats. */
    readonly key: string,
  ) {}

  /** Builds the page where the bridge looks for it. */
  static async of(foyer: TestFoyer): Promise<Supervisors> {
    await buildWidget(fileURLToPath(new URL('../../../dist/bridge/widget', import.meta.url)));
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    return new Supervisors(foyer, browser, await newKey(foyer, ['chats']));
  }

  /** The page at a bridge, where one signs in. */
  async open(
    options: BrowserContextOptions = {},
    base = this.foyer.base,
    address = `${base}/supervisor`,
  ): Promise<Tab> {
    const context = await this.browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    this.contexts.push(context);
    const tab = await context.newPage();
    tab.on('console', (message) => {
      // The browser's word on each refusal and on a bridge that is away.
      const expected = /status of 40|ERR_CONNECTION|ERR_INCOMPLETE/.test(message.text());
      if (message.type() === 'error' && !expected) this.complaints.push(message.text());
    });
    tab.on('pageerror', (error) => this.complaints.push(error.message));
    await tab.goto(address);
    return tab;
  }

  async signIn(tab: Tab, key = this.key): Promise<void> {
    await tab.locator('#key').fill(key);
    await tab.locator('#key').press('Enter');
  }

  /** One who is signed in. */
  async signedIn(base = this.foyer.base): Promise<Tab> {
    const tab = await this.open({}, base);
    await this.signIn(tab);
    await tab.locator('#board').waitFor();
    await tab.evaluate('window.notReloaded = true');
    return tab;
  }

  async leave(): Promise<void> {
    for (const context of this.contexts.splice(0)) await context.close();
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

export async function newKey(foyer: TestFoyer, scopes: Scope[], name = 'test'): Promise<string> {
  const made = newApiKey(randomIds);
  await foyer.bridge.core.transactions.alone((tx) =>
    createApiKey(tx, hashSecret, made, { instanceId: 1, name, scopes, expiresAt: null }),
  );
  return made;
}

/** Rules that axe finds broken. The page must let it in: `bypassCSP`. */
export async function faultsOf(tab: Tab): Promise<unknown> {
  await tab.evaluate(AXE);
  return tab.evaluate(
    'axe.run(document).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html)))',
  );
}
