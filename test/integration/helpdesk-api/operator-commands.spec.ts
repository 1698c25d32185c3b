import { expect } from 'chai';
import { ensureServiceAccount } from '../../../bridge/domain/accounts/service-account.js';
import { startBridge, type TestBridge } from './bridge.js';

interface Ran {
  command: string;
  outcome: 'done' | 'refused';
  text: string;
}

describe('the commands of operators, for a helpdesk', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let other: { id: number; key: string; department: number };
  let anna: { id: number; jid: string };
  let bert: { id: number; jid: string };

  before(async () => {
    bridge = await startBridge();
    shop = await bridge.instance('main');
    other = await bridge.instance('other');
    anna = await bridge.operator(shop, 'anna');
    bert = await bridge.operator(shop, 'bert');
    await ensureServiceAccount(bridge.transactions, anna.jid.split('@')[1] as string, 'foyer');
  });
  after(() => bridge.stop());

  const at = ({ id }: { id: number }) => `/api/v1/operators/${id}/commands`;
  const run = (operator: { id: number }, body: unknown, headers = {}, key = shop.key) =>
    bridge.call<Ran & { code?: string }>(key, 'POST', at(operator), body, headers);
  const list = async (operator: { id: number }) =>
    (
      await bridge.call<{ commands: { word: string; usage: string; help: string; arguments: object[] }[] }>(
        shop.key,
        'GET',
        at(operator),
      )
    ).body.commands;
  async function begin(text: string) {
    const { body } = await bridge.call<{ chat: { id: number; number: number } }>(shop.key, 'POST', '/api/v1/chats', {
      ...{ desk: 'main', visitor: { nick: 'Vera' }, text },
    });
    return body.chat;
  }
  const chatOf = async (id: number) =>
    (
      await bridge.call<{ chat: { state: string; operator: { name: string } | null } }>(
        shop.key,
        'GET',
        `/api/v1/chats/${id}`,
      )
    ).body.chat;

  it('are listed with what stands behind them, as far as the operator may use them', async () => {
    const commands = await list(anna);
    expect(commands.map(({ word }) => word))
      .to.include('accept')
      .and.not.to.include('queue');
    expect(commands.find(({ word }) => word === 'accept')).to.deep.equal({
      ...{ word: 'accept', aliases: ['take'], usage: '!accept [number]', help: 'accept: take a chat', managers: false },
      arguments: [{ name: 'chat', label: 'Chat', type: 'chat', required: true }],
    });
    await bridge.call(shop.key, 'PATCH', `/api/v1/operators/${bert.id}`, { manager: true, language: 'de' });
    expect((await list(bert)).find(({ word }) => word === 'queue')?.help).to.equal(
      'queue: Ihre Abteilungen öffnen oder schließen',
    );
  });

  it('are done as a line, or by their arguments, and answer what the operator would have been told', async () => {
    const chat = await begin('Hello');
    const accepted = await run(anna, { line: `!ACCEPT ${chat.number}` });
    expect(accepted.body).to.include({ command: 'accept', outcome: 'done' });
    expect(accepted.body.text).to.contain(`You are now handling chat ${chat.number}: Vera`);
    expect(await chatOf(chat.id)).to.deep.include({ state: 'active' });
    expect((await chatOf(chat.id)).operator).to.include({ name: 'Anna' });
    const transfer = { command: 'transfer', arguments: { chat: chat.number, to: 'general', note: 'knows\nbilling' } };
    expect((await run(anna, transfer)).body).to.include({
      outcome: 'done',
      text: `Chat ${chat.number} waits in general.`,
    });
    expect((await run(bert, { line: '/queue auto' })).body.text).to.equal(
      'general öffnet und schließt nach seinen Regeln.',
    );
    const audit = await bridge.query(
      "SELECT subject, details FROM audit WHERE action = 'operator.command' ORDER BY id",
    );
    expect(audit.map(({ subject }) => subject as string)).to.deep.equal([
      ...[`operator:${anna.id}`, `operator:${anna.id}`, `operator:${bert.id}`],
    ]);
    expect(JSON.stringify(audit)).to.contain('transfer').and.not.to.contain('billing');
    const notices = (await bridge.sent()).filter(
      ({ to, body }) => to === anna.jid && String(body).startsWith('[Foyer]'),
    );
    expect(notices, 'told here, and not once more in a window').to.deep.equal([]);
  });

  it('say that they were refused, and why', async () => {
    const said = async (line: string) => (await run(anna, { line })).body;
    expect(await said('!accept 99999')).to.deep.equal({
      ...{ command: 'accept', outcome: 'refused', text: 'There is no chat 99999.' },
    });
    expect(await said('!queue close')).to.include({ outcome: 'refused', text: 'Only managers may use !queue.' });
    expect((await said('!acept')).text).to.contain('There is no command !acept');
    expect((await said('!pause')).outcome).to.equal('done');
    expect((await said('!resume')).outcome).to.equal('done');
  });

  it('are done once with an Idempotency-Key', async () => {
    const chat = await begin('Once');
    await run(anna, { line: `!accept ${chat.number}` });
    const note = { command: 'note', arguments: { chat: chat.number, text: 'called' } };
    const first = await run(anna, note, { 'idempotency-key': 'n1' });
    const again = await run(anna, note, { 'idempotency-key': 'n1' });
    expect([again.status, again.body]).to.deep.equal([first.status, first.body]);
    expect(await bridge.query('SELECT id FROM chat_notes WHERE chat_id = ?', [chat.id])).to.have.length(1);
  });

  it('refuse what is no command, and arguments that nobody asked for', async () => {
    const refused = async (body: unknown) => {
      const { status, body: answer } = await run(anna, body);
      return [status, answer.code];
    };
    for (const body of [
      {},
      { line: 'hello' },
      { line: '!!accept' },
      { line: '!pause', command: 'pause' },
      { line: '!accept', arguments: { chat: 1 } },
      { command: 'accept' },
      { command: 'accept', arguments: { chat: 'x' } },
      { command: 'accept', arguments: { chat: 1, colour: 'red' } },
      { command: 'accept', arguments: { chat: 1, ['__proto__x']: 'red' } },
      { command: 'help', arguments: { command: 'nonsense' } },
      { command: 'limit', arguments: { limit: '1\n2' } },
      { command: 'limit', arguments: { limit: '12345' } },
      { command: 'note', arguments: { chat: 1, text: 'x'.repeat(10_001) } },
    ])
      expect(await refused(body), JSON.stringify(body).slice(0, 100)).to.deep.equal([422, 'invalid_request']);
    expect(await refused({ command: 'queue', arguments: { opening: 'close' } })).to.deep.equal([404, 'not_found']);
    expect(await refused({ command: 'take', arguments: { chat: 1 } })).to.deep.equal([404, 'not_found']);
  });

  it('are those of the own instance’s operators, while they aren’t disabled', async () => {
    expect((await run(anna, { line: '!pause' }, {}, other.key)).status).to.equal(404);
    expect((await bridge.call(other.key, 'GET', at(anna))).status).to.equal(404);
    await bridge.call(shop.key, 'DELETE', `/api/v1/operators/${anna.id}`);
    expect((await run(anna, { line: '!pause' })).status).to.equal(404);
    expect((await bridge.call(shop.key, 'GET', at(anna))).status).to.equal(404);
  });
});
