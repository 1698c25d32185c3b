import { MAIN_INSTANCE } from '../instances/instance.js';
import type { Transactions } from '../ports.js';
import type { Account } from './account.js';

/** The account that operators can write to and that Foyer itself speaks through. Made with the first start on a host. */
export async function ensureServiceAccount(
  transactions: Transactions,
  host: string,
  local: string,
): Promise<{ account: Account | null; created: boolean }> {
  return transactions.alone(async (tx) => {
    const existing = await tx.accounts.byJid(host, local);
    if (existing) return { account: existing, created: false };
    const instance = await tx.instances.byName(MAIN_INSTANCE);
    if (!instance) return { account: null, created: false };
    const account = await tx.accounts.create({
      instanceId: instance.id,
      kind: 'service',
      local,
      host,
      name: 'Foyer',
      rosterGroup: '',
    });
    tx.outbox.toAccount(account, { kind: 'account.provision' });
    return { account, created: true };
  });
}
