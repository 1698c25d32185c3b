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
