import { randomBytes } from 'node:crypto';
import { EjabberdError } from '../../outbound/ejabberd/admin-errors.js';
import { describeError } from '../../shared/errors.js';
import type { Check, DoctorContext } from './context.js';
import { fail, ok, type Finding } from './finding.js';

type Call = readonly [command: string, args: Record<string, unknown>];

/** Every command that the bridge needs, on an account and a group that are made for it and taken away again. */
function neededCalls(host: string, user: string, password: string): Call[] {
  const group = 'foyer-doctor';
  const member = { user, host, group, grouphost: host };
  return [
    ['register', { user, host, password }],
    ['check_account', { user, host }],
    ['change_password', { user, host, newpass: password }],
    ['set_vcard', { user, host, name: 'FN', content: 'foyer doctor' }],
    ['srg_create', { group, host, label: group, description: '', display: [] }],
    ['srg_get_info', { group, host }],
    ['srg_user_add', member],
    ['srg_get_members', { group, host }],
    ['srg_user_del', member],
    ['srg_delete', { group, host }],
    ['get_presence', { user, host }],
    ['user_sessions_info', { user, host }],
    ['kick_session', { user, host, resource: 'none', reason: 'none' }],
    ['kick_user', { user, host }],
    ['unregister', { user, host }],
  ];
}

/** Commands of mod_foyer, with arguments that change nothing. */
function moduleCalls(host: string): Call[] {
  return [
    ['foyer_info', { host }],
    ['foyer_spool_info', { host }],
    ['foyer_provision', { host, accounts: [] }],
    ['foyer_unprovision', { host, users: [] }],
    ['foyer_set_names', { host, names: [] }],
    ['foyer_rooms', { host }],
    // No instance can be called so.
    ['foyer_destroy_rooms_of', { host, instance: 'chat' }],
  ];
}

/** Harmless to call, and none of the bridge's business. */
const NOT_NEEDED: readonly Call[] = [
  ['registered_vhosts', {}],
  ['connected_users', {}],
];

const ADVICE = 'give the API account the commands of config/ejabberd.foyer.yml under api_permissions';
/** Since 26.07 the rule decides on each command that names a host, and denies where it is missing. */
const ADVICE_ON_DENIED = `${ADVICE}, and let access rule “configure” allow it, as there: ejabberd 26.07 asks for both`;

export const apiRights: Check = {
  name: 'api rights',
  needs: ['ejabberd'],
  async run(context) {
    const { host } = context.settings.ejabberd;
    const calls = neededCalls(host, `foyer-doctor-${randomBytes(6).toString('hex')}`, randomBytes(16).toString('hex'));
    return [await needed(context, calls, 'ejabberd'), await least(context)];
  },
};

export const moduleRights: Check = {
  name: 'mod_foyer rights',
  needs: ['mod_foyer'],
  run: async (context) => [await needed(context, moduleCalls(context.settings.ejabberd.host), 'mod_foyer')],
};

async function needed({ admin }: DoctorContext, calls: readonly Call[], whose: string): Promise<Finding> {
  const missing: string[] = [];
  for (const [command, args] of calls) {
    try {
      await admin.call(command, args);
    } catch (error) {
      // A command that ran and found nothing is one that may be run.
      const code = error instanceof EjabberdError ? error.code : 'failed';
      if (code === 'unreachable')
        return fail(`ejabberd’s API stopped answering at ${command} (${describeError(error)})`, 'see ejabberd’s log');
      if (code === 'denied' || code === 'unknown_command') missing.push(command);
    }
  }
  if (missing.length > 0) return fail(`the API account may not run ${missing.join(', ')}`, ADVICE_ON_DENIED);
  return ok(`the API account may run all ${calls.length} commands of ${whose} that the bridge needs`);
}

async function least({ admin }: DoctorContext): Promise<Finding> {
  const allowed: string[] = [];
  for (const [command, args] of NOT_NEEDED) {
    const denied = await admin.call(command, args).then(
      () => false,
      () => true,
    );
    if (!denied) allowed.push(command);
  }
  if (allowed.length > 0) return fail(`the API account may run more than it needs (${allowed.join(', ')})`, ADVICE);
  return ok('the API account may run nothing that it doesn’t need');
}
