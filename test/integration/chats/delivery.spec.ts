import { expect } from 'chai';
import type { Chat } from '../../../bridge/domain/chats/chat.js';
import { advanceDelivery, seenByOperator } from '../../../bridge/domain/chats/delivery.js';
import type { DeliveryState } from '../../../bridge/domain/chats/message.js';
import { stanzaIdOf } from '../../../bridge/domain/chats/message.js';
import { postOperatorMessage } from '../../../bridge/domain/chats/post-operator-message.js';
import { postVisitorMessage } from '../../../bridge/domain/chats/post-visitor-message.js';
import type { Operator } from '../../../bridge/domain/operators/operator.js';
import { recordBounce } from '../../../bridge/outbound/serve-account.js';
import { run } from '../../../bridge/storage/pool.js';
import { Store } from '../storage/store.js';
import { addOperator, bodies, LIMITS, leaving, said, withChat } from './people.js';

describe('how far a visitor’s messages have come', () => {
  let store: Store;
  let chat: Chat;
  let anna: Operator;
  let bert: Operator;

  before(async () => {
    store = await Store.open();
    await run(store.pool, "UPDATE instances SET callback_url = 'https://helpdesk.example/'");
    [anna, bert] = [await addOperator(store, 'anna'), await addOperator(store, 'bert')];
  });

  beforeEach(async () => {
    await run(store.pool, 'DELETE FROM outbox');
    chat = await store.chat();
  });

  after(() => store.close());

  const say = (...texts: string[]) =>
    withChat(store, chat.id, async (tx, locked) => {
      for (const text of texts) await postVisitorMessage(tx, LIMITS, locked, text, `p:${text}`);
    });
  const answer = (operator: Operator, text: string) =>
    store.transactions.alone(async (tx) => {
      const account = await tx.accounts.get(chat.accountId);
      if (account) await postOperatorMessage(tx, LIMITS, account, operator, said(text));
    });
  const come = (state: DeliveryState, from: number, to = from) =>
    withChat(store, chat.id, (tx, locked) => advanceDelivery(tx, locked, from, to, state));
  const display = (number: number) => withChat(store, chat.id, (tx, locked) => seenByOperator(tx, locked, number));
  const bounce = async (operator: Operator, number: number) => {
    const account = await store.transactions.alone((tx) => tx.accounts.get(chat.accountId));
    if (account) await recordBounce(store.transactions)(account, stanzaIdOf({ chatId: chat.id, number }, operator.id));
  };
  const states = async () =>
    (await store.select('SELECT state FROM messages WHERE chat_id = ? ORDER BY number', [chat.id])).map(
      (row) => row['state'] as string,
    );
  /** What pages were told: `acked 1-3`. */
  const told = async () =>
    (await store.select("SELECT data FROM feed WHERE chat_id = ? AND kind = 'states' ORDER BY number", [chat.id])).map(
      (row) => shown(JSON.parse(row['data'] as string) as Step),
    );
  const toldHelpdesk = async () =>
    (await leaving(store)).flatMap((entry) =>
      entry.kind === 'helpdesk.callback' && entry.type === 'message.state'
        ? [shown(entry.data as unknown as Step)]
        : [],
    );

  async function checkTold(expected: string[]): Promise<void> {
    expect(await told()).to.deep.equal(expected);
    expect(await toldHelpdesk()).to.deep.equal(expected);
  }

  it('is told once for what came in its order', async () => {
    await say('one', 'two', 'three');
    await come('acked', 1, 3);
    await come('delivered', 1);
    await come('delivered', 2);
    await display(3);
    await checkTold(['acked 1-3', 'delivered 1-1', 'delivered 2-2', 'seen 1-3']);
    expect(await states()).to.deep.equal(['seen', 'seen', 'seen']);
  });

  it('isn’t told when a receipt overtakes the acknowledgement, or an acknowledgement the slow sending', async () => {
    await say('one', 'two', 'three');
    await come('delivered', 2);
    await come('acked', 1, 3);
    await come('sent', 1, 3);
    await checkTold(['delivered 2-2', 'acked 1-1', 'acked 3-3']);
    expect(await states()).to.deep.equal(['acked', 'delivered', 'acked']);
  });

  it('is told of the slow sending once', async () => {
    await say('one', 'two');
    await come('sent', 1, 2);
    await come('sent', 1, 2);
    await come('acked', 1, 2);
    await checkTold(['sent 1-2', 'acked 1-2']);
  });

  it('is told once when each of several operators’ clients has received it, also within one batch', async () => {
    await say('one');
    await withChat(store, chat.id, async (tx, locked) => {
      for (let client = 1; client <= 3; client += 1) await advanceDelivery(tx, locked, 1, 1, 'delivered');
    });
    await come('delivered', 1);
    await checkTold(['delivered 1-1']);
  });

  it('is told of a message whose receipt comes after a later one’s', async () => {
    await say('one', 'two');
    await come('delivered', 2);
    await come('delivered', 1);
    await checkTold(['delivered 2-2', 'delivered 1-1']);
  });

  it('goes on as one run over what the operator wrote in between', async () => {
    await say('one');
    await answer(anna, 'Hi');
    await say('two', 'three');
    await come('delivered', 4);
    await come('acked', 1, 4);
    await checkTold(['delivered 4-4', 'acked 1-3']);
  });

  it('hasn’t failed while another of those who were shown the chat may have it', async () => {
    await say('one');
    await bounce(bert, 1);
    await checkTold([]);
    await answer(anna, 'Hi');
    await bounce(bert, 1);
    await checkTold([]);
    expect(await states()).to.deep.equal(['stored', 'stored']);
  });

  it('has failed when it comes back from the chat’s owner, who is told', async () => {
    await say('one');
    await answer(anna, 'Hi');
    await say('two');
    await come('acked', 1, 3);
    await bounce(anna, 3);
    await checkTold(['acked 1-3', 'failed 3-3']);
    expect((await bodies(store)).at(-1)).to.contain('could not be delivered to you');
  });

  it('has failed when it comes back from the only one who was shown it', async () => {
    await run(store.pool, "UPDATE operator_presence SET show_state = 'offline' WHERE operator_id = ?", [bert.id]);
    await say('one');
    await bounce(anna, 1);
    await run(store.pool, "UPDATE operator_presence SET show_state = 'available' WHERE operator_id = ?", [bert.id]);
    await checkTold(['failed 1-1']);
  });

  it('hasn’t failed when one of the owner’s clients has it, and no longer once one has', async () => {
    await say('one');
    await answer(anna, 'Hi');
    await say('two');
    await come('delivered', 1);
    await bounce(anna, 1);
    await bounce(anna, 3);
    await come('acked', 3);
    await come('delivered', 3);
    await checkTold(['delivered 1-1', 'failed 3-3', 'delivered 3-3']);
    expect(await states()).to.deep.equal(['delivered', 'stored', 'delivered']);
  });

  it('doesn’t change by what comes back to another contact', async () => {
    await say('one');
    await answer(anna, 'Hi');
    const other = await store.chat();
    const account = await store.transactions.alone((tx) => tx.accounts.get(other.accountId));
    if (account) await recordBounce(store.transactions)(account, stanzaIdOf({ chatId: chat.id, number: 1 }, anna.id));
    await checkTold([]);
  });
});

interface Step {
  from: number;
  to: number;
  state: string;
}

function shown({ from, to, state }: Step): string {
  return `${state} ${from}-${to}`;
}
