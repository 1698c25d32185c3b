import { expect } from 'chai';
import { fillReply, repliesFor, type CannedReply } from '../../../bridge/domain/canned-replies/canned-reply.js';
import { nearestNames } from '../../../bridge/domain/commands/nearest-names.js';

const reply = (more: Partial<CannedReply>): CannedReply => ({
  ...{ id: 1, instanceId: 1, departmentId: null, name: 'hello', text: 'Hello', translations: {} },
  ...more,
});

describe('a canned reply', () => {
  it('is filled with what is known, and leaves no gap for what isn’t', () => {
    const one = reply({ text: 'Hello {nick}! {operator} here, about {page}.' });
    expect(fillReply(one, null, { nick: 'Vera', operator: 'Anna', page: 'https://shop.example/a' })).to.equal(
      'Hello Vera! Anna here, about https://shop.example/a.',
    );
    expect(fillReply(one, null, { nick: null, operator: 'Anna', page: null })).to.equal('Hello! Anna here, about.');
    expect(
      fillReply(one, null, { nick: '{operator} $&', operator: 'Anna', page: '' }),
      'a name is no placeholder',
    ).to.equal('Hello {operator} $&! Anna here, about.');
  });

  it('is in the visitor’s language, or the one next to it, or else as it was written', () => {
    const one = reply({ translations: { de: 'Hallo', 'pt-br': 'Oi', pt: 'Olá' } });
    const values = { nick: null, operator: '', page: null };
    for (const [language, text] of [
      ['de-AT', 'Hallo'],
      ['DE', 'Hallo'],
      ['pt-BR', 'Oi'],
      ['pt-PT', 'Olá'],
      ['fr', 'Hello'],
      [null, 'Hello'],
    ] as const)
      expect(fillReply(one, language, values), String(language)).to.equal(text);
  });

  it('of a department takes the place of the one that all have', () => {
    const all = [reply({ id: 1 }), reply({ id: 2, departmentId: 7 }), reply({ id: 3, departmentId: 8, name: 'only' })];
    const ids = (departments: number[]) => repliesFor(all, departments).map(({ id }) => id);
    expect(ids([7])).to.deep.equal([2]);
    expect(ids([8])).to.deep.equal([1, 3]);
    expect(ids([])).to.deep.equal([1]);
  });
});

describe('names that were perhaps meant', () => {
  it('begin the same way or differ by few letters, the nearest first', () => {
    const names = ['delivery', 'delivered', 'hello', 'refund'];
    expect(nearestNames('delivry', names, 3)).to.deep.equal(['delivery']);
    expect(nearestNames('deliv', names, 3)).to.deep.equal(['delivery', 'delivered']);
    expect(nearestNames('helo', names, 3)).to.deep.equal(['hello']);
    expect(nearestNames('xyz', names, 3)).to.deep.equal([]);
    expect(nearestNames('deliv', names, 1)).to.have.length(1);
  });
});
