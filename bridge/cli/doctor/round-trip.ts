import { randomUUID } from 'node:crypto';
import type { Core } from '../../compose.js';
import { describeError } from '../../shared/errors.js';
import { createProbeStore } from '../../storage/probe-store.js';
import { connect, type Connection } from '../operator-console/connection.js';
import { chatMessage, readStanza, rosterRequest } from '../operator-console/stanzas.js';
import type { Check } from './context.js';
import { fail, ok, warn, type Finding } from './finding.js';
import { makeProbe, removeLeftovers, removeProbe, type Probe } from './probe.js';

const ACCOUNT_MS = 20_000;
const MESSAGE_MS = 10_000;
const CLEANUP_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** A message from a page to an operator's client and one back, through every part that runs. */
export const roundTrip: Check = {
  name: 'round trip',
  needs: ['account key', 'api rights', 'mod_foyer', 'xmpp', 'bridge', 'hooks'],
  async run({ core, base, settings }) {
    const probe = await makeProbe(core);
    const findings = await tryOut(core, probe, base ?? '', settings.ejabberd.xmpp_url).catch((error: unknown) => [
      failed('the test conversation broke off', error),
    ]);
    const clean = await removeProbe(core, probe, patience(CLEANUP_MS));
    if (clean) await removeLeftovers(core, probe.instance.id, patience(CLEANUP_MS));
    else
      findings.push(
        warn('the test’s accounts couldn’t be removed yet', 'the next “foyer doctor” removes what is left'),
      );
    return findings;
  },
};

async function tryOut(core: Core, probe: Probe, base: string, service: string): Promise<Finding[]> {
  const store = createProbeStore(core.pool);
  const ready = async () =>
    (await store.accountStates([probe.operatorAccountId, probe.visitorAccountId])).every((state) => state === 'ready');
  if (!(await patience(ACCOUNT_MS)(ready))) {
    const reason =
      (await store.laneError(probe.operatorAccountId)) ??
      (await store.laneError(probe.visitorAccountId)) ??
      'no error was noted';
    return [
      fail(
        `the bridge didn’t make accounts on ejabberd within ${ACCOUNT_MS / 1000} s (${reason})`,
        'see that a bridge with the role “deliver” runs, and its log',
      ),
    ];
  }
  const texts: { from: string; text: string }[] = [];
  let operator: Connection;
  try {
    operator = await connect(
      { jid: probe.operatorJid, password: probe.password, service },
      (stanza) => {
        for (const found of readStanza(stanza, probe.operatorJid)) if (found.kind === 'message') texts.push(found);
      },
      rosterRequest(),
    );
  } catch (error) {
    return [failed('a test operator can’t log in', error)];
  }
  try {
    return await converse(probe, base, operator, texts);
  } finally {
    await operator.close();
  }
}

async function converse(
  probe: Probe,
  base: string,
  operator: Connection,
  received: readonly { from: string; text: string }[],
): Promise<Finding[]> {
  const page = pageCalls(base, probe);
  const there = `There: ${randomUUID()}`;
  const begun = performance.now();
  const status = await page.send(there);
  if (status !== 202) return [fail(`the bridge answered ${status} to a visitor’s message`, 'see its log')];
  const arrived = () => received.find(({ text }) => text === there);
  if (!(await patience(MESSAGE_MS)(async () => arrived() !== undefined))) {
    return [
      fail(
        `a visitor’s message didn’t reach the operator’s client within ${MESSAGE_MS / 1000} s`,
        'foyer outbox list --instance foyer-doctor says where it is',
      ),
    ];
  }
  const thereMs = performance.now() - begun;
  const back = `Back: ${randomUUID()}`;
  const answered = performance.now();
  await operator.send(chatMessage(arrived()?.from ?? '', randomUUID(), back));
  if (!(await page.hear(back))) {
    return [
      fail(
        `an operator’s message didn’t reach the page within ${MESSAGE_MS / 1000} s`,
        'see mod_foyer’s spool above, and the bridge’s log',
      ),
    ];
  }
  const backMs = performance.now() - answered;
  return [
    ok(
      `a message went from a page to an operator in ${Math.round(thereMs)} ms, and one back in ${Math.round(backMs)} ms`,
    ),
  ];
}

/** The visitor's side, as a page does it. */
function pageCalls(base: string, { token, chatId }: Probe) {
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`${base}/visitor/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(MESSAGE_MS),
    });
  return {
    async send(text: string): Promise<number> {
      const body = JSON.stringify({ client_message_id: randomUUID(), text });
      return (await call(`/chats/${chatId}/messages`, { method: 'POST', body })).status;
    },
    async hear(text: string): Promise<boolean> {
      const end = performance.now() + MESSAGE_MS;
      for (let cursor = `${chatId}.0`; performance.now() < end;) {
        const answer = (await (await call(`/events?wait=5&cursor=${cursor}`)).json()) as {
          events?: { data?: { message?: { text?: string } } }[];
          cursor?: string;
        };
        if (answer.events?.some(({ data }) => data?.message?.text === text) === true) return true;
        if (answer.cursor === undefined) return false;
        cursor = answer.cursor;
      }
      return false;
    },
  };
}

function failed(what: string, error: unknown): Finding {
  return fail(`${what} (${describeError(error)})`, 'see the other lines, and the logs of bridge and ejabberd');
}

/** Looks until the condition holds or the time is over. */
function patience(milliseconds: number): (condition: () => Promise<boolean>) => Promise<boolean> {
  return async (condition) => {
    for (const end = performance.now() + milliseconds; performance.now() < end;) {
      if (await condition()) return true;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return false;
  };
}
