import { expect } from 'chai';
import { PLAIN_WIDGET } from '../../../bridge/domain/desks/widget-settings.js';
import type { Account } from '../../../bridge/domain/accounts/account.js';
import { postOperatorMessage } from '../../../bridge/domain/chats/post-operator-message.js';
import { postVisitorMessage } from '../../../bridge/domain/chats/post-visitor-message.js';
import { startChat } from '../../../bridge/domain/chats/start-chat.js';
import type { Desk } from '../../../bridge/domain/instances/instance.js';
import type { Operator } from '../../../bridge/domain/operators/operator.js';
import type { Tx } from '../../../bridge/domain/ports.js';
import type { Visitor } from '../../../bridge/domain/visitors/visitor.js';
import { run } from '../../../bridge/storage/pool.js';
import { Store } from '../storage/store.js';
import { addOperator, addVisitor, bodies, LIMITS, said } from './people.js';

const DESK: Desk = {
  ...{ id: 1, instanceId: 1, key: 'main', name: 'Shop', state: 'active', departmentId: 1 },
  ...{ allowedOrigins: [], askRating: false, redirectTo: 'same_site', redirectHow: 'ask', pool: null, texts: {} },
  ...{
    preview: false,
    who: 'everybody' as const,
    memberGroups: [],
    keepGuestChat: true,
    followUp: null,
    mailTo: null,
    widget: PLAIN_WIDGET,
  },
};

describe('an operator who writes to a visitor without chat', () => {
  let store: Store;
  let anna: Operator;
  let account: Account;
  let visitor: Visitor;

  beforeEach(async () => {
    store = await Store.open();
    anna = await addOperator(store, 'anna');
    ({ visitor, account } = await addVisitor(store));
  });

  afterEach(() => store.close());

  const chats = () =>
    store.select('SELECT id, state, operator_id, department_id FROM chats WHERE visitor_id = ?', [visitor.id]);
  const write = (operator: Operator, text: string, before: (tx: Tx) => Promise<unknown> = () => Promise.resolve()) =>
    store.transactions.alone(async (tx) => {
      await before(tx);
      await postOperatorMessage(tx, LIMITS, account, operator, said(text));
    });
  /** The visitor's page begins a chat. */
  const begin = (text: string) =>
    store.transactions.alone(async (tx) => {
      const locked = await tx.visitors.lock(visitor.id);
      if (!locked) throw new Error('no visitor');
      const instance = await tx.instances.get(1);
      const { chat } = await startChat(tx, {
        ...{ instance, desk: DESK, visitor: locked, initiator: 'visitor', knownVisitor: true },
      });
      await postVisitorMessage(tx, LIMITS, chat, text, `p:${text}`);
      return chat.id;
    });

  it('talks in the chat that the page has begun meanwhile, and makes no other', async () => {
    let begun = 0;
    await write(anna, 'Can I help?', async (tx) => {
      // Looked up for the whole batch before the page was there.
      await tx.visitors.byAccount(account.id);
      begun = await begin('Hello');
    });
    expect(await chats()).to.deep.equal([{ id: begun, state: 'active', operator_id: anna.id, department_id: 1 }]);
    expect(await store.texts(begun)).to.deep.equal(['Hello', 'Can I help?']);
    await begin('Are you there?');
    expect(await store.texts(begun)).to.deep.equal(['Hello', 'Can I help?', 'Are you there?']);
    expect((await bodies(store)).filter((body) => body.includes('Are you there?'))).to.have.length(1);
  });

  it('counts a message once that was in the chat already which the page has begun', async () => {
    let begun = 0;
    await write(anna, 'Can I help?', async (tx) => {
      await tx.visitors.byAccount(account.id);
      begun = await begin('Hello');
      await write(anna, 'Can I help?');
    });
    expect(await store.texts(begun)).to.deep.equal(['Hello', 'Can I help?']);
    expect(await chats()).to.have.length(1);
  });

  it('invites for the first department when it is in none and the visitor has no desk', async () => {
    await run(store.pool, "INSERT INTO departments (instance_id, name, created_at) VALUES (1, 'Sales', NOW(3))");
    const bert = await addOperator(store, 'bert', []);
    await write(bert, 'Can I help?');
    expect((await chats())[0]).to.deep.include({ state: 'invited', operator_id: bert.id, department_id: 1 });
  });

  it('is told so when there is no department at all, and nothing is recorded', async () => {
    const bert = await addOperator(store, 'bert', []);
    await run(store.pool, 'DELETE FROM departments');
    await write(bert, 'Can I help?');
    expect(await chats()).to.deep.equal([]);
    expect(await bodies(store)).to.deep.equal([
      '[Foyer] Your message was not sent: there is no department that the chat could be in.',
    ]);
  });
});
