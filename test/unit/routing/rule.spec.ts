import { expect } from 'chai';
import fc from 'fast-check';
import { globMatches } from '../../../bridge/domain/routing/glob.js';
import { decide, type Conditions, type VisitorFacts } from '../../../bridge/domain/routing/rule.js';
import { acceptedLanguages } from '../../../bridge/inbound/http/accept-language.js';

const facts: VisitorFacts = {
  languages: ['de-at', 'en'],
  pageUrl: 'https://shop.example/pricing/plans',
  referrer: 'https://www.google.com/',
  metadata: { plan: 'Gold plus' },
  chosen: 'Sales',
};

const skills = { required: [], preferred: [] };

describe('routing rules', () => {
  const holds = (when: Conditions, about: VisitorFacts = facts): boolean =>
    decide([{ name: 'one', when, departmentId: 2, skills }], about, 1).departmentId === 2;

  it('look at the first language, the page, the referrer, the metadata and the chosen department', () => {
    const right: Conditions[] = [
      ...[{}, { languages: ['fr', 'de'] }, { languages: ['DE-AT'] }],
      ...[{ page: '/pricing*' }, { page: 'shop.example/*' }, { page: 'https://*.example/pricing/plans' }],
      ...[{ referrer: '*google.*' }, { metadata: { plan: 'gold*' } }, { chosen: 'sales' }],
      { languages: ['de'], page: '/pricing*', metadata: { plan: '*plus' } },
    ];
    for (const when of right) expect(holds(when), JSON.stringify(when)).to.equal(true);
    const wrong: Conditions[] = [
      ...[{ languages: ['en'] }, { languages: ['d'] }, { page: '/pricing' }, { page: 'shop.example' }],
      ...[{ page: 'http://shop.example/*' }, { referrer: '*bing*' }, { metadata: { plan: 'gold' } }],
      ...[{ metadata: { toString: '*' } }, { chosen: 'Support' }, { languages: ['de'], chosen: 'Support' }],
    ];
    for (const when of wrong) expect(holds(when), JSON.stringify(when)).to.equal(false);
  });

  it('hold for nobody of whom that isn’t known', () => {
    const nobody = { languages: [], pageUrl: null, referrer: null, metadata: {}, chosen: null };
    for (const when of [{ page: '*' }, { referrer: '*' }, { metadata: { plan: '*' } }, { chosen: '' }])
      expect(holds(when, nobody), JSON.stringify(when)).to.equal(false);
    expect(holds({}, nobody)).to.equal(true);
  });

  it('are tried in their order, and say why', () => {
    const decision = decide(
      [
        { name: 'English', when: { languages: ['en'] }, departmentId: 2, skills },
        { name: 'Prices', when: { page: '/pricing*' }, departmentId: 3, skills },
        { name: 'All', when: {}, departmentId: 4, skills },
      ],
      facts,
      1,
    );
    expect(decision).to.deep.include({ departmentId: 3 });
    expect(decision.rule?.name).to.equal('Prices');
    expect(decision.steps.map(({ rule, holds, conditions }) => [rule.name, holds, conditions])).to.deep.equal([
      ['English', false, [{ on: 'language', wants: 'en', found: 'de-at', holds: false }]],
      ['Prices', true, [{ on: 'page', wants: '/pricing*', found: facts.pageUrl, holds: true }]],
    ]);
    expect(decide([], facts, 1)).to.deep.equal({ departmentId: 1, rule: null, steps: [] });
  });

  it('match patterns as a regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 6 });
    fc.assert(
      fc.property(pattern, text, (glob, whole) => {
        const source = glob.replaceAll('.', '\\.').replaceAll('*', '.*');
        return globMatches(glob, whole) === new RegExp(`^${source}$`).test(whole);
      }),
      { numRuns: 2000 },
    );
  });

  it('read the languages that a browser asks for', () => {
    const read: [string, string[]][] = [
      ['de-AT,de;q=0.9,en;q=0.8', ['de-at', 'de', 'en']],
      ['en;q=0.2, fr ; q=0.7, *;q=0.1', ['fr', 'en']],
      ['nl;q=0, de;q=x, es', ['es']],
      ['', []],
    ];
    for (const [header, languages] of read) expect(acceptedLanguages(header), header).to.deep.equal(languages);
  });
});
