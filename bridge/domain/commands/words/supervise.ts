import { tellByService } from '../../chats/notify-operator.js';
import { createSignInLink, LINK_MINUTES } from '../../operators/page-session.js';
import { supervisedBy } from '../../supervision/supervised-by.js';
import { refusal } from '../../texts/say.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'supervise',
  help: 'help_supervise',
  who: 'operators',
  async run({ tx, operator, account }) {
    if ((await supervisedBy(tx, operator)).size === 0) return refusal('supervises_nothing');
    const { url } = await createSignInLink(tx, operator, 'supervisor');
    tx.audit.add({
      ...{ instanceId: operator.instanceId, actor: `operator:${operator.id}`, action: 'supervisor.sign-in-link' },
      subject: `operator:${operator.id}`,
    });
    const link = { key: 'supervise_link', values: { minutes: LINK_MINUTES, url } } as const;
    if (account.kind === 'service') return link;
    // In a visitor's window it would be among what is said to the visitor.
    await tellByService(tx, operator, link);
    return null;
  },
};
