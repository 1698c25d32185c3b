import { expect } from 'chai';
import type { Operator, Show } from '../../../../bridge/domain/operators/operator.js';
import type { Department } from '../../../../bridge/domain/queue/department.js';
import { whyClosed } from '../../../../bridge/domain/queue/opening.js';
import { planQueue, type QueuedChat } from '../../../../bridge/domain/queue/plan.js';
import { estimate } from '../../../../bridge/domain/queue/positions.js';
import type { Candidate, Refusal } from '../../../../bridge/domain/queue/store.js';

const NOW = new Date('2026-03-01T12:00:00Z');

function department(more: Partial<Department> = {}): Department {
  return {
    ...{ id: 1, instanceId: 1, name: 'Support', strategy: 'one', returningFirst: false, offerSeconds: null },
    ...{ overflowDepartmentId: null, overflowSeconds: null, maxWaiting: null, maxPerOperator: null },
    ...{ whenEmpty: 'queue', opening: 'auto', graceSeconds: 300 },
    ...more,
  };
}

function candidate(id: number, more: Partial<Omit<Candidate, 'operator'>> & { maxChats?: number } = {}): Candidate {
  const { maxChats = 4, ...rest } = more;
  const operator: Operator = {
    ...{ id, instanceId: 1, accountId: id, name: `Operator ${id}`, jid: `o${id}@x.org`, maxChats },
    ...{ paused: false, manager: false, language: 'en', disabled: false },
  };
  return { operator, show: 'available' as Show, load: 0, asked: 0, shown: 0, idleSince: null, lastAsked: 0, ...rest };
}

function chat(id: number, more: Partial<QueuedChat> = {}): QueuedChat {
  return { id, asked: [], refusals: [], lastOperator: null, ...more };
}

function refusal(operatorId: number, state: Refusal['state'], secondsAgo: number): Refusal {
  return { chatId: 1, operatorId, state, at: new Date(NOW.getTime() - secondsAgo * 1000) };
}

/** Who is asked about, or given, each chat. */
function asked(where: Department, candidates: Candidate[], chats: QueuedChat[]): [number, number[]][] {
  return planQueue(where, candidates, chats, NOW).map((step) => [
    step.chatId,
    step.kind === 'ask' ? step.operatorIds : [step.operatorId],
  ]);
}

describe('who is asked about a chat', () => {
  it('is everybody who is free, those free to chat first; who is away only where there is nobody else', () => {
    const all = department({ strategy: 'all' });
    const away = candidate(3, { show: 'away' });
    expect(asked(all, [candidate(1), candidate(2, { show: 'chat' }), away], [chat(1)])).to.deep.equal([[1, [2, 1]]]);
    expect(asked(all, [candidate(1, { load: 4 }), away], [chat(1)])).to.deep.equal([[1, [3]]]);
    expect(asked(all, [candidate(1), candidate(2)], [chat(1, { asked: [1] })])).to.deep.equal([[1, [2]]]);
  });

  it('is with `one` who has the fewest chats, then who has been without one for longest, then who was asked longest ago', () => {
    const one = department();
    expect(asked(one, [candidate(1, { load: 1 }), candidate(2)], [chat(1)])).to.deep.equal([[1, [2]]]);
    const idle = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
    expect(
      asked(one, [candidate(1, { idleSince: idle(1) }), candidate(2, { idleSince: idle(5) })], [chat(1)]),
    ).to.deep.equal([[1, [2]]]);
    expect(asked(one, [candidate(1, { lastAsked: 9 }), candidate(2, { lastAsked: 3 })], [chat(1)])).to.deep.equal([
      [1, [2]],
    ]);
  });

  it('goes round with equal operators, and ends when there is no more room', () => {
    const chats = [1, 2, 3, 4, 5].map((id) => chat(id));
    const two = [candidate(1, { maxChats: 2 }), candidate(2, { maxChats: 2 })];
    expect(asked(department(), two, chats)).to.deep.equal([
      ...[
        [1, [1]],
        [2, [2]],
      ],
      ...[
        [3, [1]],
        [4, [2]],
      ],
    ]);
    expect(asked(department({ strategy: 'direct', maxPerOperator: 1 }), two, chats)).to.deep.equal([
      [1, [1]],
      [2, [2]],
    ]);
  });

  it('is nobody who declined, and who let it pass only after the others and after a rest', () => {
    const one = department();
    const both = [candidate(1), candidate(2, { load: 2 })];
    expect(asked(one, both, [chat(1, { refusals: [refusal(1, 'declined', 999)] })])).to.deep.equal([[1, [2]]]);
    expect(asked(one, both, [chat(1, { refusals: [refusal(1, 'expired', 60)] })])).to.deep.equal([[1, [2]]]);
    const [first] = both as [Candidate];
    expect(asked(one, [first], [chat(1, { refusals: [refusal(1, 'expired', 60)] })])).to.deep.equal([[1, [1]]]);
    expect(asked(one, [first], [chat(1, { refusals: [refusal(1, 'expired', 5)] })])).to.deep.equal([]);
  });

  it('is first the operator of the last chat, where the department wants it', () => {
    const two = [candidate(1), candidate(2, { load: 3 })];
    const back = chat(1, { lastOperator: 2 });
    expect(asked(department({ returningFirst: true }), two, [back])).to.deep.equal([[1, [2]]]);
    const all = department({ strategy: 'all', returningFirst: true, offerSeconds: 30 });
    expect(asked(all, two, [back])).to.deep.equal([[1, [2]]]);
    expect(asked(all, two, [{ ...back, asked: [2] }]), 'while that offer stands').to.deep.equal([]);
    const passed = { ...back, refusals: [refusal(2, 'expired', 60)] };
    expect(asked(all, two, [passed]), 'then everybody').to.deep.equal([[1, [1, 2]]]);
  });
});

describe('how long it takes', () => {
  it('is by the last chats and by how many are held at a time', () => {
    const two = [candidate(1, { maxChats: 3 }), candidate(2, { maxChats: 1 })];
    expect(estimate(department(), two, 120, 2)).to.equal(60);
    expect(estimate(department(), two, null, 2)).to.equal(null);
    expect(estimate(department(), [], 120, 2)).to.equal(null);
  });
});

describe('whether a department takes a chat', () => {
  const there = { waiting: 0, there: true };
  const empty = { waiting: 0, there: false };
  for (const [what, settings, now, why] of [
    ['by default also while nobody is there', {}, empty, null],
    ['not while nobody is there, where it is so set', { whenEmpty: 'offline' }, empty, 'nobody_there'],
    ['while somebody is there', { whenEmpty: 'offline' }, there, null],
    ['opened by hand', { whenEmpty: 'offline', opening: 'open' }, empty, null],
    ['not when closed by hand', { opening: 'closed' }, there, 'queue_closed'],
    ['not when enough wait', { maxWaiting: 2 }, { waiting: 2, there: true }, 'queue_full'],
    ['while fewer wait', { maxWaiting: 2 }, { waiting: 1, there: true }, null],
  ] as const)
    it(what, () => expect(whyClosed(department(settings), now)).to.equal(why));
});
