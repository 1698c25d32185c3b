import { expect } from 'chai';
import type { OutboxEntry } from '../../../../bridge/domain/outbox/entry.js';
import { planLane, type Step } from '../../../../bridge/outbound/xmpp/lane-plan.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const message: OutboxEntry = { kind: 'xmpp.message', to: 'o@h', id: 'm', body: 'b' };
const typing: OutboxEntry = { kind: 'xmpp.chat-state', to: 'o@h', state: 'composing' };
const presence = (nick: string): OutboxEntry => ({ kind: 'xmpp.presence', nick, status: '' });
const offline: OutboxEntry = { kind: 'xmpp.offline' };

/** The plan in a word for each step. */
function plan(entries: OutboxEntry[], ageMs = 0): string[] {
  const createdAt = new Date(NOW.getTime() - ageMs);
  return planLane(
    entries.map((entry, id) => ({ id, instanceId: 1, entry, attempts: 0, createdAt })),
    NOW,
  ).map(describeStep);
}

function describeStep(step: Step): string {
  switch (step.do) {
    case 'send':
      return `send ${step.stanzas.map(({ position }) => position).join(' ')}`;
    case 'presence':
      return `presence ${step.entry.nick} for ${step.positions.join(' ')}`;
    case 'account':
      return `${step.entry.kind} ${step.position}`;
    case 'rooms':
      return `${step.what} ${step.rooms.join(' ')} for ${step.positions.join(' ')}`;
    case 'room':
      return `${step.entry.kind} ${step.position}`;
    case 'skip':
      return `skip ${step.position}`;
  }
}

describe('the plan of a lane', () => {
  it('sends neighbouring stanzas together and lets account changes stand between', () => {
    expect(
      plan([{ kind: 'account.provision' }, message, typing, message, { kind: 'account.rename', name: 'A' }, message]),
    ).to.deep.equal([...['account.provision 0', 'send 1 2 3', 'account.rename 4', 'send 5']]);
  });

  it('shows only the newest presence, before the messages between', () => {
    expect(plan([presence('old'), message, presence('new'), message])).to.deep.equal([
      'presence new for 0 2',
      'send 1 3',
    ]);
  });

  it('begins anew after the session ended', () => {
    expect(plan([presence('a'), message, offline, presence('b')])).to.deep.equal([
      ...['presence a for 0', 'send 1', 'xmpp.offline 2', 'presence b for 3'],
    ]);
  });

  it('does not log in only to log out', () => {
    expect(plan([presence('a'), presence('b'), offline])).to.deep.equal(['skip 0', 'skip 1', 'xmpp.offline 2']);
    expect(plan([presence('a'), { kind: 'account.remove' }])).to.deep.equal(['skip 0', 'account.remove 1']);
  });

  it('drops typing that is older than ten seconds, and nothing else', () => {
    expect(plan([typing, message], 10_001)).to.deep.equal(['skip 0', 'send 1']);
    expect(plan([typing], 10_000)).to.deep.equal(['send 0']);
  });

  it('leaves what is not for ejabberd', () => {
    expect(plan([{ kind: 'helpdesk.callback', type: 't', data: {}, at: '' }])).to.deep.equal(['skip 0']);
  });
});
