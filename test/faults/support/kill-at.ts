import { HelpdeskCourier } from '../../../bridge/outbound/helpdesk/courier.js';
import { CallbackClient } from '../../../bridge/outbound/helpdesk/callback-client.js';
import { Connection } from '../../../bridge/outbound/xmpp/connection.js';
import { UnitOfWork } from '../../../bridge/storage/unit-of-work.js';

/**
 * Loaded into a bridge's process before the bridge: kills it at one step of one message's way. KILL_AT names the step, KILL_TEXT the message. The
 * bridge itself knows nothing of it.
 */
export const KILL_POINTS = [
  'before the commit',
  'after the commit',
  'before the stanza',
  'after the stanza',
  'after the acknowledgement',
  'before the callback',
  'after the callback',
  'after a batch of callbacks',
] as const;
export type KillPoint = (typeof KILL_POINTS)[number];

const point = process.env['KILL_AT'] as KillPoint | undefined;
const text = process.env['KILL_TEXT'] ?? '';

function dieAt(here: KillPoint): void {
  if (here === point) process.kill(process.pid, 'SIGKILL');
}

/** Puts what is done before and after around a method, for calls that concern the message. */
function around<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  concerns: (self: T, args: unknown[]) => boolean,
  steps: { before?: KillPoint; called?: KillPoint; after?: KillPoint },
): void {
  const original = prototype[name] as (...args: unknown[]) => Promise<unknown>;
  const wrapped = async function (this: T, ...args: unknown[]): Promise<unknown> {
    if (!concerns(this, args)) return original.apply(this, args);
    if (steps.before) dieAt(steps.before);
    const result = original.apply(this, args);
    // The stanza leaves in this turn.
    if (steps.called === point) setImmediate(() => dieAt(point as KillPoint));
    await result;
    if (steps.after) dieAt(steps.after);
    return result;
  };
  Object.assign(prototype, { [name]: wrapped });
}

if (point !== undefined) {
  around(UnitOfWork.prototype, 'commit', (unit) => JSON.stringify(unit.pending.messages).includes(text), {
    before: 'before the commit',
    after: 'after the commit',
  });
  around(Connection.prototype, 'send', (_, [stanza]) => String(stanza).includes(text), {
    before: 'before the stanza',
    called: 'after the stanza',
    after: 'after the acknowledgement',
  });
  around(CallbackClient.prototype, 'post', (_, [request]) => JSON.stringify(request).includes(text), {
    before: 'before the callback',
    after: 'after the callback',
  });
  around(HelpdeskCourier.prototype, 'serve', (_, [, entries]) => JSON.stringify(entries).includes(text), {
    after: 'after a batch of callbacks',
  });
}
