import { createSignInLink, LINK_MINUTES } from '../domain/operators/page-session.js';
import { command, INSTANCE } from './command.js';
import { CliError } from './exit-codes.js';
import { say } from './io.js';
import { changed, findOperator } from './operator.js';
import { instanceOf, withCore } from './with-core.js';

export const operatorLink = command({
  name: 'operator link',
  summary: 'Makes a link that signs an operator in to the operators’ page, for whoever has no XMPP client.',
  args: ['NAME'],
  options: {
    supervise: { type: 'boolean', text: 'to the supervisors’ page instead; the operator must monitor or manage' },
    instance: INSTANCE,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const page = call.values.supervise === true ? 'supervisor' : 'operator';
      if (page === 'operator' && core.settings.ejabberd.websocket_url === undefined)
        throw new CliError('there is no operators’ page: ejabberd.websocket_url isn’t set');
      const instance = await instanceOf(core, call.values.instance);
      const operator = await findOperator(core, instance, call.args[0] ?? '');
      let url = '';
      await changed(core, operator, `${page}.sign-in-link`, async (tx, locked) => {
        ({ url } = await createSignInLink(tx, locked, page));
      });
      say(call.io, `For ${operator.jid}, once and within ${LINK_MINUTES} minutes: ${url}`);
    }),
});
