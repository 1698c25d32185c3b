import { expect } from 'chai';
import fc from 'fast-check';
import { canMove, isOpen, moveChat, type Chat, type ChatState } from '../../../bridge/domain/chats/chat.js';

const STATES: ChatState[] = ['waiting', 'offered', 'active', 'invited', 'closed', 'abandoned', 'missed'];

const ALLOWED: [ChatState, ChatState][] = [
  ['waiting', 'offered'],
  ['waiting', 'active'],
  ['waiting', 'closed'],
  ['waiting', 'abandoned'],
  ['offered', 'waiting'],
  ['offered', 'active'],
  ['offered', 'closed'],
  ['offered', 'abandoned'],
  ['active', 'waiting'],
  ['active', 'closed'],
  ['invited', 'active'],
  ['invited', 'closed'],
  ['invited', 'missed'],
];

function chatIn(state: ChatState): Chat {
  return {
    ...{
      id: 1,
      instanceId: 1,
      number: 1,
      visitorId: 1,
      accountId: 1,
      deskId: null,
      departmentId: 1,
      state,
      initiator: 'visitor',
      operatorId: null,
    },
    ...{ lastNumber: 0, feedNumber: 0, textBytes: 0, seenByVisitor: 0, seenByOperator: 0, ackedTo: 0, deliveredTo: 0 },
    ...{
      createdAt: new Date(0),
      acceptedAt: null,
      heldBy: null,
      closedAt: null,
      closedBy: null,
      queuedAt: null,
      waitingSince: null,
      overflowed: false,
      noContact: false,
      wants: null,
      redirect: null,
      answers: [],
      handover: null,
      roomId: null,
      position: null,
      waitSeconds: null,
      estimateSeconds: null,
    },
  };
}

describe('a chat’s state', () => {
  for (const from of STATES) {
    for (const to of STATES) {
      const allowed = ALLOWED.some(([one, other]) => one === from && other === to);
      it(`${allowed ? 'goes' : 'never goes'} from ${from} to ${to}`, () => {
        const chat = chatIn(from);
        expect(canMove(from, to)).to.equal(allowed);
        if (allowed) moveChat(chat, to);
        else expect(() => moveChat(chat, to)).to.throw(`from ${from} to ${to}`);
        expect(chat.state).to.equal(allowed ? to : from);
      });
    }
  }

  it('is open until it reaches one of the three ends', () => {
    expect(STATES.filter((state) => isOpen({ state }))).to.deep.equal(['waiting', 'offered', 'active', 'invited']);
  });

  it('never opens again, whatever is tried', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...STATES),
        fc.array(fc.constantFrom(...STATES), { maxLength: 30 }),
        (first, wishes) => {
          const chat = chatIn(first);
          let ended = !isOpen(chat);
          for (const wish of wishes) {
            try {
              moveChat(chat, wish);
            } catch {
              continue;
            }
            expect(ended, 'moved after its end').to.equal(false);
            ended = !isOpen(chat);
          }
        },
      ),
    );
  });
});
