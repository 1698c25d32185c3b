import { z } from 'zod';
import { newApiKey } from '../domain/instances/create-api-key.js';
import {
  configureInstance,
  destroyInstance,
  resumeInstance,
  suspendInstance,
} from '../domain/instances/change-instance.js';
import {
  IDENTITY_SECRET_BYTES,
  removeIdentitySecrets,
  renewIdentitySecret,
} from '../domain/instances/identity-secrets.js';
import type { InstanceChange } from '../domain/instances/instance.js';
import { callbackAddress, setUpInstance } from '../domain/instances/set-up-instance.js';
import { LANGUAGES } from '../domain/texts/say.js';
import { serviceAccounts } from '../compose-start.js';
import { hostsOf } from '../config/settings.js';
import { checkUrl } from '../inbound/helpdesk-api/callback.js';
import { name as nameField } from '../inbound/helpdesk-api/inputs.js';
import { exportLines } from '../inbound/helpdesk-api/instance-export.js';
import { operatorsOnline } from '../inbound/helpdesk-api/instance-states.js';
import { shownAddress } from '../shared/shown-address.js';
import { randomWebhookSecret } from '../stack/private-files.js';
import { hashSecret } from '../storage/credentials.js';
import { createHostingStore } from '../storage/hosting-store.js';
import { createReads } from '../storage/reads.js';
import { command, JSON_OUT, type Values } from './command.js';
import { put, say } from './io.js';
import { printItems } from './output.js';
import { count, parsed } from './parse.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

const SETTINGS = {
  title: { type: 'string', value: 'TEXT', text: 'what people call it; default: its name' },
  language: { type: 'string', value: 'CODE', text: `of what Foyer says to its new operators: ${LANGUAGES.join(', ')}` },
  'max-operators': { type: 'string', value: 'N', text: 'operators at most; or none' },
  'max-visitors-online': { type: 'string', value: 'N', text: 'visitors on the contact list at most; or none' },
  'max-open-chats': { type: 'string', value: 'N', text: 'chats open at a time; or none' },
  'max-chats-per-day': { type: 'string', value: 'N', text: 'chats begun within 24 hours; or none' },
  'max-messages-per-minute': { type: 'string', value: 'N', text: 'messages of visitors within a minute; or none' },
  'max-requests-per-minute': { type: 'string', value: 'N', text: 'calls with its API keys within a minute; or none' },
  'retention-days': {
    type: 'string',
    value: 'N',
    text: 'forget visitors after so many days; none: as the settings say',
  },
} as const;

export const instanceAdd = command({
  name: 'instance add',
  summary: 'Makes an instance: one helpdesk, or one customer. The first one is “main”.',
  args: ['NAME'],
  options: {
    ...SETTINGS,
    host: { type: 'string', value: 'HOST', text: 'ejabberd virtual host of its accounts; default: ejabberd.host' },
    callback: {
      type: 'string',
      value: 'URL',
      text: 'where its helpdesk is called back, {instance} standing for its name; default: helpdesk.callback_pattern',
    },
    'with-key': { type: 'boolean', text: 'make a key of all scopes for its helpdesk too, and show it once' },
  },
  run: (call) =>
    withCore(call, async (core) => {
      const [name = ''] = call.args;
      const { settings } = core;
      const { values } = call;
      const change = changeOf(values);
      const url = callbackAddress(name, values.callback, settings.helpdesk.callback_pattern);
      if (url !== null) checkUrl(url, settings.helpdesk.allow_private_addresses);
      const callback = url === null ? null : { url, secret: randomWebhookSecret() };
      const apiKey = values['with-key'] === true ? newApiKey(core.ids) : null;
      await core.transactions.alone((tx) =>
        setUpInstance(tx, {
          wanted: {
            ...change,
            name,
            displayName: change.displayName ?? name,
            host: values.host ?? settings.ejabberd.host,
          },
          ...{ hosts: hostsOf(settings), actor: CLI_ACTOR, apiKey, hashKey: hashSecret, callback },
        }),
      );
      await serviceAccounts(core);
      say(
        call.io,
        `Instance ${name} is there. Next: foyer department add NAME, foyer desk add KEY, foyer operator add NAME.`,
      );
      if (apiKey !== null) say(call.io, `Key of its helpdesk (not shown again): ${apiKey}`);
      if (callback) say(call.io, `Callbacks go to ${shownAddress(callback.url)}`);
      if (callback) say(call.io, `Secret that signs them (not shown again): ${callback.secret}`);
    }),
});

export const instanceSet = command({
  name: 'instance set',
  summary: 'Changes an instance; what isn’t named stays.',
  args: ['NAME'],
  options: SETTINGS,
  run: (call) =>
    withCore(call, async (core) => {
      const [name = ''] = call.args;
      const change = changeOf(call.values);
      await core.transactions.alone((tx) => configureInstance(tx, CLI_ACTOR, name, change));
      say(call.io, `Instance ${name} is changed.`);
    }),
});

export const instanceList = command({
  name: 'instance list',
  summary: 'Lists the instances, and what they use.',
  options: { json: JSON_OUT },
  run: (call) =>
    withCore(call, async ({ pool }) => {
      const items = [];
      for (let after: string | undefined; ;) {
        const found = await createHostingStore(pool).list(after, PAGE);
        for (const { instance, displayName, createdAt, usage } of found) {
          const { id, name, host, state, callbackUrl } = instance;
          items.push({
            ...{ id, name, title: displayName, host, state, operators: usage.operators },
            ...{ visitors_online: usage.visitorsOnline, open_chats: usage.openChats },
            ...{ callback: callbackUrl, created_at: createdAt },
          });
        }
        after = found.at(-1)?.instance.name;
        if (found.length < PAGE) break;
      }
      printItems(call.io, items, { json: call.values.json, empty: 'No instance yet: foyer instance add main' });
    }),
});

const PAGE = 200;

export const instanceIdentity = command({
  name: 'instance identity',
  summary: 'Makes the secret by which the site says who its visitors are, and shows it once.',
  details: 'What was signed with the one before counts no more, unless --rotate keeps that until the next call.',
  args: ['NAME'],
  options: {
    rotate: { type: 'boolean', text: 'let the secret before hold on too' },
    off: { type: 'boolean', text: 'remove the secrets: all visitors are guests' },
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.args[0]);
      if (call.values.off === true) {
        await core.transactions.alone((tx) => removeIdentitySecrets(tx, id, CLI_ACTOR));
        return say(call.io, 'The site can’t say who its visitors are any more.');
      }
      const fresh = core.ids.secret(IDENTITY_SECRET_BYTES);
      const given = { fresh, keep: call.values.rotate === true, actor: CLI_ACTOR };
      await core.transactions.alone((tx) => renewIdentitySecret(tx, id, given));
      say(call.io, `Secret for the site (not shown again): ${fresh}`);
    }),
});

export const instanceSuspend = command({
  name: 'instance suspend',
  summary: 'Lets nobody of an instance in any more; everything of it is kept.',
  details: 'The running bridge closes its chats, takes its visitors offline, tells its operators and shuts them out.',
  args: ['NAME'],
  options: {},
  run: (call) =>
    withCore(call, async (core) => {
      const [name = ''] = call.args;
      const { pool, clock } = core;
      const operatorsOf = operatorsOnline(createReads(pool, clock));
      await core.transactions.alone((tx) => suspendInstance(tx, { actor: CLI_ACTOR, name, operatorsOf }));
      say(call.io, `Instance ${name} is suspended.`);
    }),
});

export const instanceResume = command({
  name: 'instance resume',
  summary: 'Lets a suspended instance in again; operators with the password they had.',
  args: ['NAME'],
  options: {},
  run: (call) =>
    withCore(call, async (core) => {
      const [name = ''] = call.args;
      const hosting = createHostingStore(core.pool);
      await core.transactions.alone((tx) => resumeInstance(tx, { actor: CLI_ACTOR, name, hosting }));
      say(call.io, `Instance ${name} is active.`);
    }),
});

export const instanceExport = command({
  name: 'instance export',
  summary: 'Writes everything of an instance to standard output, a line of JSON for each row, without secrets.',
  args: ['NAME'],
  options: {},
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.args[0]);
      await core.transactions.alone(async (tx) => {
        tx.audit.add({ instanceId: id, actor: CLI_ACTOR, action: 'instance.export', subject: `instance:${id}` });
      });
      for await (const line of exportLines(createHostingStore(core.pool), id)) await put(call.io, line);
    }),
});

export const instanceDestroy = command({
  name: 'instance destroy',
  summary: 'Removes a suspended instance for good: accounts, contact lists, archives, and all that is recorded.',
  details: 'The running bridge does it, and goes on where it was ended. The name isn’t given again.',
  args: ['NAME', 'NAME_AGAIN'],
  options: {},
  run: (call) =>
    withCore(call, async (core) => {
      const [name = '', again = ''] = call.args;
      await core.transactions.alone((tx) => destroyInstance(tx, CLI_ACTOR, name, again));
      say(call.io, `Instance ${name} is being removed.`);
    }),
});

function changeOf(values: Values<typeof SETTINGS>): InstanceChange {
  const number = (option: Exclude<keyof typeof SETTINGS, 'title' | 'language'>): number | null | undefined => {
    const value = values[option];
    if (value === undefined) return undefined;
    if (value === 'none') return null;
    return Math.min(count(`--${option}`, value), option === 'retention-days' ? MOST_DAYS : MOST);
  };
  const { title, language } = values;
  return {
    displayName: title === undefined ? undefined : parsed('--title', nameField(200), title),
    language: language === undefined ? undefined : parsed('--language', z.enum(LANGUAGES), language),
    retentionDays: number('retention-days'),
    limits: {
      operators: number('max-operators'),
      visitorsOnline: number('max-visitors-online'),
      openChats: number('max-open-chats'),
      chatsPerDay: number('max-chats-per-day'),
      messagesPerMinute: number('max-messages-per-minute'),
      requestsPerMinute: number('max-requests-per-minute'),
    },
  };
}

const MOST = 1_000_000;
const MOST_DAYS = 36_500;
