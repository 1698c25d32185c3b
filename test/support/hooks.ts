import type { Context } from 'mocha';
import { leftovers } from './stack-leftovers.js';

/** Ends what tests left behind; a database or server that a spec file forgot fails the run by name. */
export const mochaHooks = {
  async afterAll(this: Context): Promise<void> {
    this.timeout(60_000);
    const forgotten = await leftovers.endAll();
    if (forgotten.length > 0) throw new Error(`tests left behind: ${forgotten.join(', ')}`);
  },
};
