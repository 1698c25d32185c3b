import { eraseVisitor } from '../domain/visitors/erase-visitor.js';
import { revokeToken } from '../domain/visitors/revoke-token.js';
import { command, INSTANCE } from './command.js';
import { say } from './io.js';
import { count } from './parse.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

export const visitorRevoke = command({
  name: 'visitor revoke',
  summary: 'Makes the token of a visitor’s browser worthless, at once, and ends its open pages.',
  args: ['ID'],
  options: { instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const id = count('ID', call.args[0] ?? '');
      const instance = await instanceOf(core, call.values.instance);
      await core.transactions.alone((tx) => revokeToken(tx, instance.id, id, CLI_ACTOR));
      say(call.io, `The token of visitor ${id} is revoked.`);
    }),
});

export const visitorErase = command({
  name: 'erase visitor',
  summary: 'Forgets a person: words, name, accounts and archives; the helpdesk is told. There is no way back.',
  details: 'That there were chats, when, with whom and how they were rated stays for the figures.',
  args: ['ID'],
  options: { instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const id = count('ID', call.args[0] ?? '');
      const instance = await instanceOf(core, call.values.instance);
      const chats = await core.transactions.alone((tx) => eraseVisitor(tx, instance.id, id, CLI_ACTOR));
      say(call.io, `Visitor ${id} is forgotten, with what was said in ${chats.length} chats.`);
    }),
});
