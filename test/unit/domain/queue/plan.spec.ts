import { expect } from 'chai';
import type { Operator, Show } from '../../../../bridge/domain/operators/operator.js';
import type { Department } from '../../../../bridge/domain/queue/department.js';
import { NOTHING_WANTED } from '../../../../bridge/domain/queue/fit.js';
import { whyClosed } from '../../../../bridge/domain/queue/opening.js';
import { planQueue, type QueuedChat } from '../../../../bridge/domain/queue/plan.js';
import { estimate } from '../../../../bridge/domain/queue/positions.js';
import type { Candidate, Refusal } from '../../../../bridge/domain/queue/store.js';

const NOW = new Date('2026-03-01T12:00:00Z');

function department(more: Partial<Department> = {}): Department {
  return {
    ...{ id: 1, instanceId: 1, name: 'Support', strategy: 'one', returningFirst: false, offerSeconds: null },
    ...{ overflowDepartmentId: null, overflowSeconds: null, maxWaiting: null, maxPerOperator: null },
    ...{ requiredSkills: [], preferredSkills: [], matchLanguage: 'no' },
    ...{ remindVisitorSeconds: null, remindOperatorSeconds: null, remindOperatorTimes: 2, unanswered: 'keep' },
    roomRights: { join: 'manage', invite: 'answer', kick: 'manage', topic: 'answer' },
    ...{ absentTarget: 'refuse', tellWatched: true, monitorsTakeOver: false },
    ...{ whenEmpty: 'queue', opening: 'auto', graceSeconds: 300 },
    ...more,
  };
}

function candidate(
  id: number,
  more: Partial<Omit<Candidate, 'operator'>> & { maxChats?: number; skills?: string[]; speaks?: string[] } = {},
): Candidate {
  const { maxChats = 4, skills = [], speaks = [], ...rest } = more;
  const operator: Operator = {
    ...{ id, instanceId: 1, accountId: id, name: `Operator ${id}`, jid: `o${id}@x.org`, maxChats },
    ...{
      paused: false,
      offDuty: false,
      manager: false,
      language: 'en',
      skills,
      speaks,
      preview: false,
      approved: true,
      disabled: false,
    },
  };
  const state = { priority: 1, show: 'available' as Show, load: 0 };
  return { operator, ...state, asked: 0, shown: 0, idleSince: null, lastAsked: 0, ...rest };
}

function chat(id: number, more: Partial<QueuedChat> = {}): QueuedChat {
  return { id, asked: [], refusals: [], lastOperator: null, wants: NOTHING_WANTED, ...more };
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

describe('who is asked first, where not all suit', () => {
  const all = department({ strategy: 'all' });

  it('is who has the lowest number; the next when nobody of it can be', () => {
    const [first, second, third] = [candidate(1), candidate(2, { priority: 2 }), candidate(3, { priority: 2 })];
    expect(asked(all, [third, second, first], [chat(1)])).to.deep.equal([[1, [1]]]);
    expect(asked(all, [{ ...first, load: 4 }, second, third], [chat(1)]), 'full').to.deep.equal([[1, [2, 3]]]);
    expect(asked(all, [{ ...first, show: 'away' }, second], [chat(1)]), 'away').to.deep.equal([[1, [2]]]);
    const declined = chat(1, { refusals: [refusal(1, 'declined', 1)] });
    expect(asked(all, [first, second], [declined])).to.deep.equal([[1, [2]]]);
    expect(asked(all, [first, second], [chat(1, { asked: [1] })]), 'while the first is asked').to.deep.equal([]);
    expect(asked(all, [first, second, third], [chat(1, { asked: [2] })]), 'who is there again').to.deep.equal([
      [1, [1, 3]],
    ]);
    expect(asked(department(), [{ ...first, load: 3 }, second], [chat(1)])).to.deep.equal([[1, [1]]]);
    expect(asked(department(), [{ ...first, load: 4 }, second], [chat(1)])).to.deep.equal([[1, [2]]]);
  });

  it('is nobody who lacks a skill that the chat or the department asks for', () => {
    const able = candidate(2, { skills: ['billing', 'refunds'], load: 3 });
    const wants = { ...NOTHING_WANTED, skills: ['billing'] };
    expect(asked(all, [candidate(1), able], [chat(1, { wants })])).to.deep.equal([[1, [2]]]);
    expect(asked(all, [candidate(1)], [chat(1, { wants })])).to.deep.equal([]);
    const refunds = department({ strategy: 'direct', requiredSkills: ['refunds'] });
    expect(asked(refunds, [candidate(1, { skills: ['billing'] }), able], [chat(1, { wants })])).to.deep.equal([
      [1, [2]],
    ]);
  });

  it('is who has more of the skills that are preferred, whatever the priority', () => {
    const able = candidate(2, { skills: ['billing'], priority: 9 });
    const wants = { ...NOTHING_WANTED, preferred: ['billing'] };
    expect(asked(all, [candidate(1), able], [chat(1, { wants })])).to.deep.equal([[1, [2]]]);
    expect(asked(all, [candidate(1)], [chat(1, { wants })])).to.deep.equal([[1, [1]]]);
  });

  it('is who speaks the visitor’s language, where the department looks at it', () => {
    const [german, english] = [candidate(1, { speaks: ['de'] }), candidate(2, { speaks: ['en'] })];
    const nobodyKnows = candidate(3);
    const both = [nobodyKnows, english, german];
    const swiss = chat(1, { wants: { ...NOTHING_WANTED, languages: ['de-CH', 'en'] } });
    expect(asked(all, both, [swiss])).to.deep.equal([[1, [1, 2, 3]]]);
    const prefer = department({ strategy: 'all', matchLanguage: 'prefer' });
    expect(asked(prefer, both, [swiss])).to.deep.equal([[1, [1]]]);
    expect(asked(prefer, [nobodyKnows, english], [swiss])).to.deep.equal([[1, [2]]]);
    expect(asked(prefer, [nobodyKnows], [swiss])).to.deep.equal([[1, [3]]]);
    const require = department({ strategy: 'all', matchLanguage: 'require' });
    expect(asked(require, [nobodyKnows], [swiss])).to.deep.equal([]);
    expect(asked(require, [nobodyKnows, english], [swiss])).to.deep.equal([[1, [2]]]);
    expect(asked(require, [nobodyKnows], [chat(1)]), 'a visitor of no known language').to.deep.equal([[1, [3]]]);
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
