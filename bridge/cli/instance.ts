import { z } from 'zod';
import { ensureServiceAccount } from '../domain/accounts/service-account.js';
import { createInstance } from '../domain/instances/create-instance.js';
import { listInstances } from '../storage/instance-store.js';
import { command, JSON_OUT } from './command.js';
import { say } from './io.js';
import { printItems } from './output.js';
import { parsed } from './parse.js';
import { CLI_ACTOR, withCore } from './with-core.js';

const hostName = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?$/, 'must be a host name in lower case');

export const instanceAdd = command({
  name: 'instance add',
  summary: 'Makes an instance: one helpdesk, or one customer. The first one is “main”.',
  args: ['NAME'],
  options: {
    title: { type: 'string', value: 'TEXT', text: 'what people call it; default: its name' },
    host: { type: 'string', value: 'HOST', text: 'ejabberd virtual host of its accounts; default: ejabberd.host' },
  },
  run: (call) =>
    withCore(call, async (core) => {
      const [name = ''] = call.args;
      const { ejabberd } = core.settings;
      const host = parsed('--host', hostName, call.values.host ?? ejabberd.host);
      await core.transactions.alone(async (tx) => {
        const instance = await createInstance(tx, { name, displayName: call.values.title ?? name, host });
        tx.audit.add({
          instanceId: instance.id,
          actor: CLI_ACTOR,
          action: 'instance.create',
          subject: `instance:${instance.id}`,
          details: { name, host },
        });
      });
      await ensureServiceAccount(core.transactions, ejabberd.host, ejabberd.service_account);
      say(
        call.io,
        `Instance ${name} is there. Next: foyer department add NAME, foyer desk add KEY, foyer operator add NAME.`,
      );
    }),
});

export const instanceList = command({
  name: 'instance list',
  summary: 'Lists the instances.',
  options: { json: JSON_OUT },
  run: (call) =>
    withCore(call, async ({ pool }) => {
      const items = (await listInstances(pool)).map(({ id, name, displayName, host, callbackUrl, createdAt }) => ({
        ...{ id, name, title: displayName, host, callback: callbackUrl, created_at: createdAt },
      }));
      printItems(call.io, items, { json: call.values.json, empty: 'No instance yet: foyer instance add main' });
    }),
});
