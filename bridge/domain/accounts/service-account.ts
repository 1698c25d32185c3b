import { MAIN_INSTANCE } from '../instances/instance.js';
import type { Transactions } from '../ports.js';
import type { Account } from './account.js';

const PRESENCE = { online: true, nick: 'Foyer', status: '' };

/** The account that operators can write to and that Foyer itself speaks through: made with the first start on a host, and always online, so that it can be asked. */
export async function ensureServiceAccount(
  transactions: Transactions,
  host: string,
  local: string,
): Promise<{ account: Account | null; created: boolean }> {
  return transactions.alone(async (tx) => {
    const existing = await tx.accounts.byJid(host, local);
    if (existing) {
      tx.accounts.setPresence(existing.id, PRESENCE);
      return { account: existing, created: false };
    }
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
    tx.accounts.setPresence(account.id, PRESENCE);
    tx.outbox.toAccount(account, { kind: 'xmpp.presence', nick: PRESENCE.nick, status: PRESENCE.status });
    return { account, created: true };
  });
}
