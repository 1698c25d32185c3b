import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  isInstanceName,
  operatorLocal,
  parseVisitorLocal,
  rosterGroup,
  visitorLocal,
} from '../../../bridge/domain/accounts/jid-names.js';

interface Vectors {
  build: { kind: 'visitor' | 'chat' | 'operator'; id: string; instance: string; local: string | null }[];
  parse: { local: string; expect: { kind: string; id: string; instance: string } | null }[];
  groups: { kind: 'visitors' | 'operators'; instance: string; group: string }[];
}

const vectors = JSON.parse(readFileSync(new URL('../../vectors/jid-names.json', import.meta.url), 'utf8')) as Vectors;

/** Ids of the bridge's own rows; mod_foyer lets longer ones pass, which then belong to nobody. */
const isOurs = (id: string) => /^\d+$/.test(id) && Number(id) < 1e15;

describe('JID names', () => {
  for (const { kind, id, instance, local } of vectors.build.filter((vector) => vector.kind !== 'operator')) {
    const name = { kind: kind as 'visitor' | 'chat', id: id === '' ? NaN : Number(id), instance };
    const same = String(name.id) === id;
    if (local !== null && isOurs(id)) {
      it(`builds ${local}`, () => expect(visitorLocal(name)).to.equal(local));
    } else if (local === null && (same || id === '')) {
      it(`refuses to build ${kind} “${id}” of “${instance}”`, () =>
        expect(() => visitorLocal(name)).to.throw(RangeError));
    }
  }

  for (const { id, instance, local } of vectors.build.filter(
    (vector) => vector.kind === 'operator' && vector.local !== null,
  )) {
    it(`builds ${local ?? ''}`, () => expect(operatorLocal(id, instance)).to.equal(local));
  }

  for (const { local, expect: expected } of vectors.parse) {
    // ejabberd hands localparts over in lower case.
    const prepared = local === local.toLowerCase() || !/^[\x20-\x7e]*$/.test(local) ? local : local.toLowerCase();
    const wanted = expected !== null && isOurs(expected.id) ? { ...expected, id: Number(expected.id) } : null;
    it(`${wanted ? 'knows' : 'leaves alone'} ${JSON.stringify(local.slice(0, 60))}`, () => {
      expect(parseVisitorLocal(prepared)).to.deep.equal(wanted);
    });
  }

  for (const { kind, instance, group } of vectors.groups) {
    it(`calls the ${kind} of ${instance} ${group}`, () => expect(rosterGroup(kind, instance)).to.equal(group));
  }

  it('reads what it has built', () => {
    const instance = fc.oneof(fc.constant('main'), fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/).filter(isInstanceName));
    const name = fc.record({
      kind: fc.constantFrom('visitor' as const, 'chat' as const),
      id: fc.integer({ min: 1, max: 999_999_999_999_999 }),
      instance,
    });
    fc.assert(
      fc.property(name, (one) => {
        expect(parseVisitorLocal(visitorLocal(one))).to.deep.equal(one);
      }),
    );
  });

  it('builds again exactly what it has read', () => {
    const parts = fc.array(
      fc.constantFrom('visitor', '.', '1', '0', '42', 'chat', 'shop', 'main', '-', 'A', ' ', '٣'),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(parts, (list) => {
        const parsed = parseVisitorLocal(list.join(''));
        if (parsed) expect(visitorLocal(parsed)).to.equal(list.join(''));
      }),
      { numRuns: 2_000 },
    );
  });

  it('has no instance called chat, nor one with capitals, dots or more than 32 characters', () => {
    for (const name of ['chat', 'Shop', 'a.b', '', '1a', '-a', 'a b', 'a'.repeat(33), 'shop\n'])
      expect(isInstanceName(name), name).to.equal(false);
    for (const name of ['main', 'a', 'shop-2', 'a'.repeat(32), 'chats'])
      expect(isInstanceName(name), name).to.equal(true);
  });
});
