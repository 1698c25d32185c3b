import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { createLog } from '../../../bridge/observe/log.js';
import { randomWebhookSecret } from '../../../bridge/stack/private-files.js';
import { TestFoyer } from '../../support/bridge.js';
import { environmentOf, foyer as cli } from '../../support/cli.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import { HOSTILE, hostileLines } from '../../support/hostile-texts.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { parsePrometheus } from '../../support/prometheus.js';
import { until } from '../../support/until.js';
import { Door, signed } from './door.js';

/** Both sets of control characters, what breaks lines elsewhere, and what turns text round; only line ends may reach a terminal. */
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;
const LINES = hostileLines(100);
/** mod_foyer's own secret is another: the test speaks for it. */
const SECRET = randomWebhookSecret();

describe('hostile texts in what people and programs read of Foyer', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let door: Door;
  let api: Helpdesk;
  let anna: OperatorClient;
  /** Each write of the bridge's log. */
  const writes: string[] = [];
  /** What a visitor's contact is to be called. */
  const names = new Map<string, string>();

  before(async () => {
    foyer = await TestFoyer.start({
      environment: { FOYER_LOG_LEVEL: 'trace' },
      log: createLog('trace', { write: (text) => void writes.push(text) }),
    });
    foyer.settings.hooks.secrets.push(SECRET);
    await foyer.stopBridge();
    await foyer.startBridge();
    door = new Door(foyer.base);
    api = await helpdesk(foyer);
    for (const { text, line } of LINES) {
      const page = foyer.page();
      await page.visit({ nick: text, page: { url: 'https://shop.example/pricing', title: text } });
      names.set(foyer.contact(page), `${line === '' ? `Visitor ${page.visitorId}` : line} · /pricing`);
    }
    const account = await foyer.addOperator('anna', 'Anna');
    await until(
      async () => (await foyer.select('SELECT id FROM outbox')).length === 0,
      'every visitor on ejabberd',
      60,
    );
    anna = await foyer.client(account);
  });

  after(async () => {
    door.close();
    await foyer.stop();
  });

  it('are names of contacts in the roster and on the cards that a client reads', async () => {
    const ask = async (child: ReturnType<typeof xml>, to?: string) => {
      const id = crypto.randomUUID();
      await anna.send(xml('iq', { type: 'get', id, ...(to === undefined ? {} : { to }) }, child));
      return anna.expect('an answer', (one) => one.is('iq') && one.attrs['id'] === id);
    };
    const roster = (await ask(xml('query', { xmlns: 'jabber:iq:roster' }))).getChild('query');
    const shown = new Map(roster?.getChildren('item').map(({ attrs }) => [attrs['jid'] ?? '', attrs['name'] ?? '']));
    for (const [contact, name] of names) {
      expect(shown.get(contact), contact).to.equal(name);
      expect(name).to.not.match(OBEYED);
      const card = (await ask(xml('vCard', { xmlns: 'vcard-temp' }), contact)).getChild('vCard', 'vcard-temp');
      expect(card?.getChildText('FN'), contact).to.equal(name);
    }
  });

  it('are what was said, in a transcript', async () => {
    const { body } = await api<{ chat: { id: number } }>('POST', '/chats', {
      desk: 'main',
      visitor: { external_id: 'transcript' },
    });
    const { id } = body.chat;
    const messages = HOSTILE.map(({ text }, i) => ({ text, message_id: `m${i}` }));
    for (let at = 0; at < messages.length; at += 50)
      await api('POST', `/chats/${id}/messages`, { messages: messages.slice(at, at + 50) });
    const { body: read } = await api<{ transcript: { messages: { text: string }[] } }>(
      'GET',
      `/chats/${id}/transcript`,
    );
    expect(read.transcript.messages.map(({ text }) => text)).to.deep.equal(HOSTILE.map(({ message }) => message));
  });

  it('are no commands to the terminal that lists them, and no further lines', async () => {
    const env = environmentOf(foyer.settings);
    for (const [i, { text }] of LINES.entries()) {
      await api('POST', '/operators', { username: `o${i}`, name: `${text.slice(0, 98)}.`, departments: [1] });
      await api('POST', '/departments', { name: `${text.slice(0, 90)} ${i}.` });
      await api('POST', '/desks', { key: `d${i}`, name: `${text}.`, department: 1 });
    }
    await rejectEvents();
    const lists = {
      'operator list': LINES.length + 1,
      'department list': LINES.length + 1,
      'desk list': LINES.length + 1,
      events: HOSTILE.length,
      'key list': 1,
      'instance list': 1,
      'outbox list': 0,
      'outbox dead': 0,
      status: 0,
    };
    for (const [list, count] of Object.entries(lists)) {
      const table = await cli(list.split(' '), { env });
      expect([table.code, table.err], list).to.deep.equal([0, '']);
      expect(table.out, list).to.not.match(OBEYED);
      if (count > 0) expect(table.out.split('\n'), list).to.have.length(count + 2);
      const json = await cli([...list.split(' '), '--json'], { env });
      expect(json.out, `${list} --json`).to.not.match(OBEYED);
      if (count > 0) expect(JSON.parse(json.out), `${list} --json`).to.have.length(count);
    }
  });

  /** Events that can't be used, with hostile texts wherever one may be. */
  async function rejectEvents(): Promise<void> {
    const events = HOSTILE.map(({ text }, i) => ({
      id: `hostile-${i}`,
      at: text,
      kind: text,
      from: text,
      to: text,
      body: text,
    }));
    const body = JSON.stringify({ version: 1, host: foyer.settings.ejabberd.host, node: 'test@localhost', events });
    const answer = await door.call({ method: 'POST', path: '/hooks/ejabberd', body, headers: signed(SECRET, body) });
    expect(answer.status, answer.text).to.equal(200);
  }

  it('are no labels and no samples of /metrics', async () => {
    for (const { text } of HOSTILE) {
      const name = encodeURIComponent(text.slice(0, 500).toWellFormed());
      for (const path of [
        `/${name}`,
        `/api/v1/${name}`,
        `/visitor/v1/desks/${name}`,
        `/widget/frame.html?desk=${name}`,
      ])
        await door.call({ method: 'GET', path });
    }
    const { text, type } = await door.call({ method: 'GET', path: '/metrics' });
    expect(type).to.equal('text/plain');
    const samples = parsePrometheus(text);
    expect(samples.length).to.be.greaterThan(100);
    expect(text).to.not.match(/forged|evil/);
    for (const { name, labels } of samples) {
      expect(name).to.match(/^foyer_[a-z0-9_]+$/);
      for (const value of Object.values(labels)) expect(value, name).to.match(/^[\w/:.+-]*$/);
    }
  });

  it('leave a log of one JSON line for each record', () => {
    expect(writes.length).to.be.greaterThan(HOSTILE.length);
    for (const line of writes) {
      expect(line.endsWith('\n')).to.equal(true);
      expect(line.slice(0, -1)).to.not.match(OBEYED).and.not.include('\n');
      const record = JSON.parse(line) as { name: string; msg: string };
      expect(record.name).to.equal('foyer');
      expect(record.msg).to.not.equal('forged');
    }
  });

  it('are one record of the log, whatever field they are in', () => {
    for (const { name, text } of HOSTILE) {
      const lines: string[] = [];
      const log = createLog('trace', { write: (line) => void lines.push(line) });
      log.warn({ reason: text, deep: { [text]: [text] }, err: new Error(text) }, text);
      expect(lines, name).to.have.length(1);
      expect(lines[0]?.slice(0, -1), name).to.not.match(OBEYED).and.not.include('\n');
      expect(JSON.parse(lines[0] ?? ''), name).to.include({ name: 'foyer', level: 'warn', reason: text });
    }
  });
});
