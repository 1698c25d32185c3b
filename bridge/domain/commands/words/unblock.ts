import { liftBans } from '../../bans/ban.js';
import { refusal } from '../../texts/say.js';
import { rosterName } from '../../visitors/visitor.js';
import { anyChat } from '../chat-argument.js';
import { chooseVisitor } from '../choose-visitor.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'unblock',
  usage: '[number]',
  args: [anyChat],
  help: 'help_unblock',
  who: 'operators',
  async run(call) {
    const { tx, operator, manager } = call;
    const chosen = await chooseVisitor(call, 'unblock');
    if ('text' in chosen) return chosen.text;
    const { visitor } = chosen;
    const actor = `operator:${operator.id}`;
    const bans = await tx.bans.ofVisitor(operator.instanceId, visitor.id);
    // What somebody else has decided is for the managers to take back.
    const own = manager ? bans : bans.filter((ban) => ban.actor === actor);
    await liftBans(tx, own, actor);
    const values = { name: rosterName(visitor) };
    if (own.length > 0) return { key: 'unblocked', values };
    return refusal(bans.length > 0 ? 'blocked_by_others' : 'not_blocked', values);
  },
};
