import { createRegistry } from '../../../bridge/domain/commands/registry.js';
import { command as accept } from '../../../bridge/domain/commands/words/accept.js';
import { command as transfer } from '../../../bridge/domain/commands/words/transfer.js';
import { receiveBatch } from '../../../bridge/inbound/ejabberd-hooks/receive.js';
import { createEvents } from '../../../bridge/observe/events.js';
import { createLog } from '../../../bridge/observe/log.js';
import { createMetrics } from '../../../bridge/observe/metrics.js';
import { CHAT_LIMITS, type TestBridge } from './bridge.js';

export type Json = Record<string, unknown>;
export interface ChatJson {
  id: number;
  state: string;
  operator: { id: number } | null;
  held_by: string | null;
  visitor: { nick: string | null };
}
export interface MessageJson {
  number: number;
  text: string;
  state: string;
  corrected_at: string | null;
  deleted_at: string | null;
  versions?: { text: string }[];
}

export type Shop = Awaited<ReturnType<TestBridge['instance']>>;

/** A helpdesk that owns its chats: what it calls, what operators write, and what leaves towards them. */
export function ownedChats(bridge: () => TestBridge) {
  let tenants = 0;
  let events = 0;
  const shop = () => bridge().instance(`s${(tenants += 1)}`);

  const begin = async ({ key }: Shop, visitor: Json = {}) => {
    const { body } = await bridge().call<{ chat: ChatJson; visitor_account: { jid: string } }>(
      key,
      'POST',
      '/api/v1/chats',
      { desk: 'main', visitor, text: 'Hello', message_id: 'm1' },
    );
    return { id: body.chat.id, contact: body.visitor_account.jid };
  };
  const chatOf = async ({ key }: Shop, id: number) =>
    (await bridge().call<{ chat: ChatJson }>(key, 'GET', `/api/v1/chats/${id}`)).body.chat;
  const messagesOf = async ({ key }: Shop, id: number) =>
    (await bridge().call<{ messages: MessageJson[] }>(key, 'GET', `/api/v1/chats/${id}/messages`)).body.messages;
  const assign = ({ key }: Shop, id: number, body: Json) =>
    bridge().call<{ chat: ChatJson; code?: string }>(key, 'POST', `/api/v1/chats/${id}/assign`, body);
  const write = (jid: string, to: string, body: string) =>
    receiveBatch(
      {
        transactions: bridge().transactions,
        events: createEvents(createLog('silent'), createMetrics({ processMetrics: false })),
        limits: CHAT_LIMITS,
        commands: createRegistry([accept, transfer]),
        serviceLocal: 'foyer',
      },
      {
        version: 1,
        host: 'foyer.localhost',
        node: 'n',
        events: [
          {
            ...{ id: `hm-${(events += 1)}`, at: new Date().toISOString(), kind: 'message', from: `${jid}/pc`, to },
            ...{ stanza_id: `s${events}`, body, markable: true },
          },
        ],
      },
    );
  const to = async (jid: string) => (await bridge().sent()).filter((entry) => entry['to'] === jid);
  const textsTo = async (jid: string) =>
    (await to(jid)).filter(({ kind }) => kind === 'xmpp.message').map(({ body }) => body as string);
  return { shop, begin, chatOf, messagesOf, assign, write, to, textsTo };
}
