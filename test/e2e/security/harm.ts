import type { BrowserContext } from 'playwright-core';

/**
 * Writes down what hostile texts must not bring about in this visitor's browser: scripts, dialogs, refusals of the page's policy, windows, and requests to anywhere but
 * these origins. A text that runs says so by `__pwned`.
 */
export async function watchForHarm(visitor: BrowserContext, origins: readonly string[], harm: string[]): Promise<void> {
  await visitor.exposeBinding('__pwned', (_source, what) => void harm.push(`ran: ${String(what)}`));
  visitor.on('dialog', (dialog) => {
    harm.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  visitor.on('console', (message) => {
    if (message.type() === 'error') harm.push(`console: ${message.text()}`);
  });
  visitor.on('weberror', (error) => harm.push(`error: ${error.error().message}`));
  visitor.on('page', (page) => page.on('popup', (popup) => harm.push(`window: ${popup.url()}`)));
  visitor.on('request', (request) => {
    const { origin } = new URL(request.url());
    if (!origins.includes(origin)) harm.push(`request: ${request.url()}`);
  });
}
