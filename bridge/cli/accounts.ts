import { z } from 'zod';
import { bareJid } from '../domain/accounts/account.js';
import { expireAccounts } from '../domain/accounts/expire-accounts.js';
import { createUpkeep } from '../storage/upkeep-store.js';
import { command, JSON_OUT } from './command.js';
import { say } from './io.js';
import { printItems } from './output.js';
import { parsed } from './parse.js';
import { withCore } from './with-core.js';

const LISTED_AT_MOST = 100_000;
const days = z.coerce.number().min(0).max(3650);

export const accountsExpire = command({
  name: 'accounts expire',
  summary: 'Removes XMPP accounts of visitors who weren’t seen for long, as the running bridge does by itself.',
  details:
    'Never one that is online or has an open chat. The record of the chats stays. The same as “foyer jobs run expire-accounts”, for any age.',
  options: {
    'dry-run': { type: 'boolean', text: 'only list them' },
    days: { type: 'string', value: 'N', text: 'not used for so many days; default: visitors.account_days' },
    json: JSON_OUT,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const upkeep = createUpkeep(core.pool);
      const age = parsed('--days', days, call.values.days ?? core.settings.visitors.account_days);
      if (call.values['dry-run'] === true) {
        const items = (await upkeep.expiredAccounts(age, LISTED_AT_MOST)).map((account) => ({
          jid: bareJid(account),
          kind: account.kind,
          state: account.state,
        }));
        return printItems(call.io, items, { json: call.values.json, empty: 'No account is old enough.' });
      }
      let total = 0;
      for (let marked = await expireAccounts(upkeep, core.transactions, age); marked > 0;) {
        total += marked;
        marked = await expireAccounts(upkeep, core.transactions, age);
      }
      if (call.values.json === true) return printItems(call.io, [{ removed: total }], { json: true, empty: '' });
      say(
        call.io,
        total === 0
          ? 'No account is old enough.'
          : `${total} accounts are being removed from ejabberd by the running bridge.`,
      );
    }),
});
