import { createSignInLink, LINK_MINUTES, newSessionSecret } from '../domain/operators/page-session.js';
import { hashSecret } from '../storage/credentials.js';
import { command, INSTANCE } from './command.js';
import { CliError } from './exit-codes.js';
import { say } from './io.js';
import { changed, findOperator } from './operator.js';
import { instanceOf, withCore } from './with-core.js';

export const operatorLink = command({
  name: 'operator link',
  summary: 'Makes a link that signs an operator in to the operators’ page, for whoever has no XMPP client.',
  args: ['NAME'],
  options: { instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const { settings, ids } = core;
      if (settings.ejabberd.websocket_url === undefined)
        throw new CliError('there is no operators’ page: ejabberd.websocket_url isn’t set');
      const instance = await instanceOf(core, call.values.instance);
      const operator = await findOperator(core, instance, call.args[0] ?? '');
      const secret = newSessionSecret(ids);
      await changed(
        core,
        operator,
        'operator.sign-in-link',
        async (tx, locked) => void (await createSignInLink(tx, hashSecret, locked, secret)),
      );
      const base = settings.http.public_url ?? `http://${settings.http.host}:${settings.http.port}`;
      say(
        call.io,
        `For ${operator.jid}, once and within ${LINK_MINUTES} minutes: ${new URL('/operator', base)}#${secret}`,
      );
    }),
});
