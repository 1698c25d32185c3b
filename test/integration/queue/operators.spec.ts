import { expect } from 'chai';
import { loadCommands } from '../../../bridge/compose-commands.js';
import { ensureServiceAccount } from '../../../bridge/domain/accounts/service-account.js';
import { postOperatorMessage } from '../../../bridge/domain/chats/post-operator-message.js';
import { parseCommand } from '../../../bridge/domain/commands/parse-command.js';
import { runCommand } from '../../../bridge/domain/commands/run-command.js';
import { changeOperator, lockOperator, type OperatorChange } from '../../../bridge/domain/operators/change-operator.js';
import type { Operator, Show } from '../../../bridge/domain/operators/operator.js';
import { recordPresence } from '../../../bridge/domain/operators/record-presence.js';
import { run } from '../../../bridge/storage/pool.js';
import { addOperator, bodies, LIMITS, said } from '../chats/people.js';
import { Store } from '../storage/store.js';
import { newChat, write } from './commands.js';
import { newDispatcher } from './model.js';

describe('operators of a department', () => {
  let store: Store;
  let dispatcher: ReturnType<typeof newDispatcher>;
  beforeEach(async () => {
    store = await Store.open();
    dispatcher = newDispatcher(store, store.transactions);
    await ensureServiceAccount(store.transactions, 'x.org', 'foyer');
  });
  afterEach(async () => {
    await dispatcher.stop();
    await store.close();
  });

  const change = (operator: Operator, to: OperatorChange) =>
    store.transactions.alone(async (tx) => changeOperator(tx, await lockOperator(tx, 1, operator.id), to));
  const show = (operator: Operator, state: Show) =>
    store.transactions.alone(async (tx) => {
      const presence = { show: state, status: '', priority: 0, resources: state === 'offline' ? 0 : 1 };
      await recordPresence(tx, await lockOperator(tx, 1, operator.id), presence, null);
    });

  async function chat(wants?: object): Promise<number> {
    const id = await newChat(store.transactions);
    if (wants) await run(store.pool, 'UPDATE chats SET wants = ? WHERE id = ?', [JSON.stringify(wants), id]);
    await write(store.transactions, id);
    return id;
  }

  /** Names of those who have an open offer. */
  async function asked(chatId: number): Promise<string[]> {
    await dispatcher.poll();
    const found = await store.select(
      "SELECT operators.name FROM offers JOIN operators ON operators.id = offers.operator_id WHERE offers.chat_id = ? AND offers.state = 'open' ORDER BY operators.id",
      [chatId],
    );
    return found.map((row) => row['name'] as string);
  }

  async function typed(operator: Operator, text: string): Promise<string> {
    const context = { registry: await loadCommands(), limits: LIMITS };
    await store.transactions.alone(async (tx) => {
      const service = await tx.accounts.service('x.org');
      const command = parseCommand(text);
      if (!service || command.kind !== 'command') throw new Error(`${text} is no command`);
      const typing = await lockOperator(tx, 1, operator.id);
      await runCommand(tx, context, service, typing, command, said(text));
    });
    return (await bodies(store)).at(-1) ?? '';
  }

  it('are asked by their priority: the next when the first are full, away or have declined', async () => {
    const anna = await addOperator(store, 'anna');
    const bert = await addOperator(store, 'bert');
    await change(bert, { departments: [{ id: 1, priority: 2 }] });
    const id = await chat();
    expect(await asked(id)).to.deep.equal(['Anna']);
    await show(anna, 'dnd');
    expect(await asked(id)).to.deep.equal(['Bert']);
    await show(anna, 'available');
    expect(await asked(id)).to.deep.equal(['Anna', 'Bert']);
  });

  it('are asked for what they know, which they say by !skills', async () => {
    const anna = await addOperator(store, 'anna');
    await addOperator(store, 'bert');
    const id = await chat({ skills: ['billing'] });
    expect(await asked(id)).to.deep.equal([]);
    expect(await typed(anna, '!skills Billing, vat')).to.contain('billing, vat');
    expect(await asked(id)).to.deep.equal(['Anna']);
    expect(await typed(anna, '!skills -vat no/word')).to.contain('one word');
    expect(await typed(anna, '!skills -billing -vat')).to.contain('no skills');
  });

  it('whom their helpdesk has off duty are offered nothing until it has them on duty again, whether or not they pause', async () => {
    const anna = await addOperator(store, 'anna');
    await change(anna, { offDuty: true });
    const id = await chat();
    expect(await asked(id)).to.deep.equal([]);
    expect(await typed(anna, '!status')).to.contain('Your helpdesk has you offline');
    await typed(anna, '!resume');
    expect(await asked(id), 'not the operator’s to end').to.deep.equal([]);
    await typed(anna, '!pause');
    await change(anna, { offDuty: false });
    expect(await asked(id), 'nor the helpdesk’s to end a pause').to.deep.equal([]);
    await typed(anna, '!resume');
    expect(await asked(id)).to.deep.equal(['Anna']);
  });

  it('who aren’t approved are offered nothing, take nothing and are told so, until a manager approves; and again when it is withdrawn', async () => {
    const anna = await addOperator(store, 'anna');
    const mia = await addOperator(store, 'mia', []);
    await change(mia, { departments: [{ id: 1, access: 'manage' }], paused: true });
    await change(anna, { approved: false });
    await show(anna, 'offline');
    await show(anna, 'available');
    expect(await bodies(store)).to.deep.equal(Array(2).fill((await bodies(store)).at(-1)));
    expect((await bodies(store)).at(-1)).to.contain('No manager has approved you yet');

    const id = await chat();
    expect(await asked(id)).to.deep.equal([]);
    const answer = () =>
      store.transactions.alone(async (tx) => {
        const locked = await tx.chats.lock(id);
        const account = locked && (await tx.accounts.get(locked.accountId));
        if (account)
          await postOperatorMessage(
            tx,
            LIMITS,
            account,
            await lockOperator(tx, 1, anna.id),
            said('Hello', { senderKey: tx.newId() }),
          );
      });
    await answer();
    expect((await bodies(store)).at(-1)).to.contain('No manager has approved you yet');
    expect(await typed(anna, '!approve anna')).to.contain('Only managers');
    expect(await typed(mia, '!approve nobody')).to.contain('no other operator');
    expect(await typed(mia, '!approve anna')).to.contain('Anna is offered chats from now on');
    expect(await asked(id)).to.deep.equal(['Anna']);
    expect(await typed(mia, '!unapprove Anna')).to.contain('Anna is offered no more chats');
    expect(await asked(id)).to.deep.equal([]);
    await answer();
    expect(await store.texts(id)).to.have.length(1);
  });

  it('approve and open only what they manage', async () => {
    await run(store.pool, "INSERT INTO departments (instance_id, name, created_at) VALUES (1, 'Sales', NOW(3))");
    const mia = await addOperator(store, 'mia', []);
    await change(mia, { departments: [{ id: 1, access: 'manage' }, { id: 2 }] });
    await change(await addOperator(store, 'bert', [2]), { approved: false });
    expect(await typed(mia, '!approve bert')).to.contain('no department that you manage');
    expect(await typed(mia, '!queue close')).to.match(/Support is closed/);
    const states = await store.select('SELECT name, opening FROM departments ORDER BY id');
    expect(states.map((row) => [row['name'], row['opening']])).to.deep.equal([
      ['Support', 'closed'],
      ['Sales', 'auto'],
    ]);
  });

  it('who only watch are offered nothing, and see what waits', async () => {
    const anna = await addOperator(store, 'anna', []);
    await change(anna, { departments: [{ id: 1, access: 'monitor' }] });
    const id = await chat();
    expect(await asked(id)).to.deep.equal([]);
    expect(await typed(anna, '!waiting')).to.contain('Waiting');
    expect(await typed(anna, '!accept 1')).to.contain('You only watch');
  });
});
