import { expect } from 'chai';
import { startBridge, type Bridge } from '../../../bridge/compose.js';
import { loadConfig } from '../../../bridge/config/load.js';
import { createLog } from '../../../bridge/observe/log.js';
import { run } from '../../../bridge/storage/pool.js';
import { timeOutVisitors } from '../../../bridge/domain/visitors/time-out.js';
import { changeOperator } from '../../../bridge/domain/operators/change-operator.js';
import { recordPresence } from '../../../bridge/domain/operators/record-presence.js';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';
import { until } from '../../support/until.js';

type Line = Record<string, unknown> & { msg: string };

describe('what the running bridge says', () => {
  const lines: Line[] = [];
  let db: CliDatabase;
  let bridge: Bridge;
  let key: string;

  before(async function () {
    this.timeout(60_000);
    db = await cliDatabase();
    await db.works('migrate');
    await db.works('instance', 'add', 'main');
    await db.works('department', 'add', 'Support');
    await db.works('desk', 'add', 'main', '--department', 'Support');
    await db.works('operator', 'add', 'anna', '--name', 'Anna', '--department', 'Support');
    key = /: (foyer_[\w-]{43})\n/.exec(await db.works('key', 'add', '--name', 'LHC'))?.[1] ?? '';
    // By hand what the clock does, so that a test knows when.
    const settings = loadConfig(undefined, { ...db.env, FOYER_HTTP_PORT: '0', FOYER_PROCESS_ROLES: 'http,deliver' });
    const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line) as Line) });
    bridge = await startBridge(settings, { log });
  });

  beforeEach(() => void lines.splice(0));

  after(async () => {
    await bridge.close();
    await db.close();
  });

  const said = (msg: string, what: Record<string, unknown> = {}) =>
    lines.filter((line) => line.msg === msg && Object.entries(what).every(([name, value]) => line[name] === value));

  async function api(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`http://127.0.0.1:${bridge.port}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  async function begin(visitor: object): Promise<number> {
    const { body } = await api('POST', '/chats', { desk: 'main', visitor, text: 'my secret words' });
    return (body as { chat: { id: number } }).chat.id;
  }

  it('has one line for each thing that happens to a chat, with its id, and none of what was said', async () => {
    const chat = await begin({ external_id: '1', nick: 'Vera Secret' });
    expect(said('chat started')[0]).to.include({ level: 'info', chat, number: 1, state: 'waiting', operator: null });
    await api('POST', `/chats/${chat}/messages`, { sender: 'operator', operator_id: 1, text: 'x', message_id: 'm1' });
    expect(said('chat accepted')[0]).to.include({ chat, state: 'active', operator: 1 });
    await api('POST', `/chats/${chat}/close`, {});
    expect(said('chat closed')[0]).to.include({ chat, state: 'closed', operator: 1, closedBy: 'helpdesk' });
    expect(JSON.stringify(lines)).to.not.match(/secret|Vera|Anna|foyer_/i);
  });

  it('says nothing of what wasn’t committed', async () => {
    const { transactions } = bridge.core;
    const failed = transactions.alone((tx) => {
      tx.report({ what: 'operatorOnline', operator: 99 });
      return Promise.reject(new Error('no'));
    });
    await failed.catch(() => undefined);
    expect(said('operator online')).to.deep.equal([]);
  });

  it('has the requests by which helpdesks change something, with the chat, and not those of each message', async () => {
    const chat = await begin({ external_id: '2' });
    await api('POST', `/chats/${chat}/messages`, { text: 'x', message_id: 'm1' });
    await api('POST', `/chats/${chat}/typing`, { typing: true });
    await api('GET', `/chats/${chat}`);
    await api('POST', `/chats/${chat}/close`, {});
    expect((await api('POST', `/chats/9999/close`, {})).status).to.equal(404);
    expect(said('request').map(({ method, route, chat, status }) => [method, route, chat, status])).to.deep.equal([
      ['POST', '/chats', undefined, 201],
      ['POST', '/chats/:id/close', chat, 200],
      ['POST', '/chats/:id/close', 9999, 404],
    ]);
  });

  it('counts visitors who timed out, and says which chat is abandoned by it', async () => {
    const chat = await begin({ external_id: '3', page: { url: 'https://shop.example/' } });
    await run(bridge.core.pool, 'UPDATE visitors SET online_until = NOW(3) - INTERVAL 1 SECOND WHERE online = 1');
    await bridge.core.transactions.alone(timeOutVisitors);
    expect(said('visitors timed out')[0]).to.include({ visitors: 1 });
    expect(said('chat abandoned')[0]).to.include({ chat, state: 'abandoned' });
  });

  it('says when an operator comes and goes, and which chats then wait again', async () => {
    const chat = await begin({ external_id: '4' });
    const show = (show: 'available' | 'away' | 'offline') =>
      bridge.core.transactions.alone(async (tx) => {
        const operator = await tx.operators.lock(1, 1);
        if (operator)
          await recordPresence(
            tx,
            operator,
            { show, status: '', priority: 0, resources: show === 'offline' ? 0 : 1 },
            null,
          );
      });
    await show('available');
    await show('away');
    await show('offline');
    expect(
      lines.filter(({ msg }) => msg.startsWith('operator ')).map(({ msg, operator }) => [msg, operator]),
    ).to.deep.equal([
      ['operator online', 1],
      ['operator offline', 1],
    ]);
    await api('POST', `/chats/${chat}/messages`, { sender: 'operator', operator_id: 1, text: 'x', message_id: 'm1' });
    await bridge.core.transactions.alone(async (tx) => {
      const operator = await tx.operators.lock(1, 1);
      if (operator) await changeOperator(tx, operator, { disabled: true });
    });
    expect(said('chat waits again')[0]).to.include({ chat, state: 'waiting', operator: null });
  });

  it('counts webhooks that it refused, by reason', async () => {
    await fetch(`http://127.0.0.1:${bridge.port}/hooks/ejabberd`, { method: 'POST', body: '{}' });
    expect(said('webhook refused')[0]).to.include({ reason: 'missing' });
    expect(await metrics()).to.match(/^foyer_hooks_refused_total\{reason="missing"\} 1$/m);
  });

  it('has no figure of mod_foyer’s spool while ejabberd can’t be asked', async () => {
    expect(await metrics())
      .to.include('# TYPE foyer_spool_depth gauge')
      .and.not.match(/^foyer_spool_\w+ /m);
  });

  it('names the chat whose callback can’t be delivered', async () => {
    await db.works('callback', 'set', 'http://127.0.0.1:9/hook');
    const chat = await begin({ external_id: '5' });
    await until(() => said('delivery failed; will be tried again', { chat }).length > 0, 'a failed callback');
  });

  async function metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${bridge.port}/metrics`)).text();
  }
});
