import { z } from 'zod';
import { createApiKey, newApiKey } from '../domain/instances/create-api-key.js';
import { HOSTING, SCOPES, type Scope } from '../domain/reads.js';
import { name as nameField } from '../inbound/helpdesk-api/inputs.js';
import { listApiKeys } from '../storage/api-key-store.js';
import { hashSecret } from '../storage/credentials.js';
import type { Core } from '../compose.js';
import { command, INSTANCE, JSON_OUT } from './command.js';
import { CliError, UsageError } from './exit-codes.js';
import { say } from './io.js';
import { printItems } from './output.js';
import { count, parsed } from './parse.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

const DAY_MS = 86_400_000;
const MOST_DAYS = 36_500;

const HOSTING_KEYS = { type: 'boolean', text: 'of the whole bridge, for making and removing instances' } as const;

export const keyAdd = command({
  name: 'key add',
  summary: 'Makes a key for the helpdesk API, and shows it once.',
  options: {
    scopes: { type: 'string', value: 'LIST', text: `what it may do: ${SCOPES.join(',')}; default: all` },
    name: { type: 'string', value: 'TEXT', text: 'who has it; default: helpdesk' },
    days: { type: 'string', value: 'N', text: 'how long it holds; default: until it is revoked' },
    instance: INSTANCE,
    hosting: HOSTING_KEYS,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { values } = call;
      const instanceId = await ownerOf(core, values);
      if (values.hosting === true && values.scopes !== undefined)
        throw new UsageError('--scopes: a key for hosting has no other scope');
      const scopes: readonly Scope[] = values.hosting === true ? [HOSTING] : asked(values.scopes);
      const name = parsed('--name', nameField(100), values.name ?? (values.hosting === true ? 'hosting' : 'helpdesk'));
      const days = values.days === undefined ? undefined : Math.min(count('--days', values.days), MOST_DAYS);
      const expiresAt = days === undefined ? null : new Date(core.clock.now().getTime() + days * DAY_MS);
      const key = newApiKey(core.ids);
      const id = await core.transactions.alone(async (tx) => {
        const made = await createApiKey(tx, hashSecret, key, { instanceId, name, scopes, expiresAt });
        tx.audit.add({
          instanceId,
          actor: CLI_ACTOR,
          action: 'key.create',
          subject: `key:${made}`,
          details: { name, scopes },
        });
        return made;
      });
      say(call.io, `Key ${id} (not shown again): ${key}`);
    }),
});

export const keyList = command({
  name: 'key list',
  summary: 'Lists the keys of the helpdesk API, without the keys themselves.',
  options: { instance: INSTANCE, hosting: HOSTING_KEYS, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const id = await ownerOf(core, call.values);
      const items = (await listApiKeys(core.pool, id)).map((key) => ({
        ...{ id: key.id, name: key.name, begins_with: key.prefix, scopes: key.scopes },
        ...{ created_at: key.createdAt, expires_at: key.expiresAt, revoked_at: key.revokedAt },
      }));
      printItems(call.io, items, { json: call.values.json, empty: 'No key yet: foyer key add' });
    }),
});

export const keyRevoke = command({
  name: 'key revoke',
  summary: 'Makes a key worthless, within two seconds.',
  args: ['ID'],
  options: { instance: INSTANCE, hosting: HOSTING_KEYS },
  run: (call) =>
    withCore(call, async (core) => {
      const id = count('ID', call.args[0] ?? '');
      const instanceId = await ownerOf(core, call.values);
      await core.transactions.alone(async (tx) => {
        if (!(await tx.apiKeys.revoke(instanceId, id))) throw new CliError(`there is no key ${id} that still holds`);
        tx.audit.add({ instanceId, actor: CLI_ACTOR, action: 'key.revoke', subject: `key:${id}` });
      });
      say(call.io, `Key ${id} is revoked.`);
    }),
});

/** Keys for hosting are of no instance. */
const NO_INSTANCE = 0;

async function ownerOf(core: Core, values: { instance?: string | undefined; hosting?: boolean | undefined }) {
  if (values.hosting !== true) return (await instanceOf(core, values.instance)).id;
  if (values.instance !== undefined) throw new UsageError('--hosting and --instance exclude each other');
  // It has the service accounts that all instances are told things by.
  await instanceOf(core);
  return NO_INSTANCE;
}

function asked(list: string | undefined): Scope[] {
  return parsed('--scopes', z.array(z.enum(SCOPES)), list?.split(',').map((one) => one.trim()) ?? SCOPES);
}
