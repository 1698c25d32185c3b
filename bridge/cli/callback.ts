import { removeCallback, setCallback } from '../domain/instances/set-callback.js';
import { checkUrl } from '../inbound/helpdesk-api/callback.js';
import { HelpdeskCourier } from '../outbound/helpdesk/courier.js';
import { createCallbackTargets } from '../storage/callback-targets.js';
import { shownAddress } from '../shared/shown-address.js';
import { decodeSecret } from '../shared/webhook-signature.js';
import { randomWebhookSecret } from '../stack/private-files.js';
import type { Core } from '../compose.js';
import { command, INSTANCE } from './command.js';
import { EXIT, UsageError } from './exit-codes.js';
import { say, type Io } from './io.js';
import { readSecrets } from './read-secret.js';
import { programVersion } from '../shared/version.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

export const callbackSet = command({
  name: 'callback set',
  summary: 'Sets where the helpdesk is called back. A secret is made up and shown once if there is none yet.',
  details:
    'Every user of the machine can read a command line: give - for an address with a query, and the address as first line of standard\n' +
    'input. With --secret-stdin the secret is the line after it.',
  args: ['URL'],
  options: {
    'secret-stdin': { type: 'boolean', text: 'read the secret (whsec_…) from standard input' },
    rotate: { type: 'boolean', text: 'sign with a new secret and with the one before, until this is called again' },
    instance: INSTANCE,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { io, values } = call;
      const { url, secret } = await readTarget(call.args[0] ?? '', values['secret-stdin'] === true, io);
      checkUrl(url, core.settings.helpdesk.allow_private_addresses);
      const { id: instanceId } = await instanceOf(core, values.instance);
      if (secret !== undefined && decodeSecret(secret) === null)
        throw new UsageError('the secret must be whsec_ followed by base64 of 24 to 64 bytes');
      const fresh = randomWebhookSecret();
      const { madeUp } = await core.transactions.alone(async (tx) => {
        const set = await setCallback(tx, instanceId, { url, secret, rotate: values.rotate === true, fresh });
        tx.audit.add({
          instanceId,
          actor: CLI_ACTOR,
          action: 'callback.set',
          subject: 'callback',
          details: { url: shownAddress(url), rotate: values.rotate === true },
        });
        return set;
      });
      say(io, `Callbacks go to ${shownAddress(url)}`);
      if (madeUp) say(io, `Secret that signs them (not shown again): ${fresh}`);
      say(io, 'Try it: foyer callback test');
    }),
});

async function readTarget(
  given: string,
  withSecret: boolean,
  io: Io,
): Promise<{ url: string; secret: string | undefined }> {
  if (given.includes('?'))
    throw new UsageError('an address with a query may hold a secret: give - and type it on standard input');
  const hidden = given === '-';
  const lines = await readSecrets(io, [...(hidden ? ['address'] : []), ...(withSecret ? ['secret'] : [])]);
  return { url: (hidden ? lines[0] : given) ?? '', secret: withSecret ? lines.at(-1) : undefined };
}

export const callbackRemove = command({
  name: 'callback remove',
  summary: 'Calls the helpdesk back no more; what waits for it becomes dead letters.',
  options: { instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const { id: instanceId } = await instanceOf(core, call.values.instance);
      await core.transactions.alone(async (tx) => {
        await removeCallback(tx, instanceId);
        tx.audit.add({ instanceId, actor: CLI_ACTOR, action: 'callback.remove', subject: 'callback' });
      });
      say(call.io, 'The helpdesk isn’t called back any more.');
    }),
});

export const callbackTest = command({
  name: 'callback test',
  summary: 'Sends a signed callback of the type callback.test now, and says what came of it.',
  options: { instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.values.instance);
      const { delivered, reason, milliseconds } = await testCallback(core, id);
      say(call.io, delivered ? `The helpdesk took it (${milliseconds} ms).` : `Not delivered: ${reason}`);
      return delivered ? EXIT.ok : EXIT.failed;
    }),
});

/** One signed callback, past the outbox. */
export async function testCallback(
  { pool, box, clock, ids, settings }: Core,
  instanceId: number,
): Promise<{ delivered: boolean; reason: string; milliseconds: number }> {
  const courier = new HelpdeskCourier({
    ...{ clock, ids, targets: createCallbackTargets(pool, box), version: programVersion() },
    timeoutMs: settings.helpdesk.timeout_seconds * 1000,
    allowPrivateAddresses: settings.helpdesk.allow_private_addresses,
  });
  try {
    return await courier.test(instanceId);
  } finally {
    courier.close();
  }
}
