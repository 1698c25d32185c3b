import { expect } from 'chai';
import {
  describeVisitor,
  pagePath,
  rosterName,
  statusText,
  type Visitor,
} from '../../../bridge/domain/visitors/visitor.js';

function buildVisitor(more: Partial<Visitor> = {}): Visitor {
  return {
    ...{
      id: 7,
      instanceId: 1,
      deskId: null,
      externalId: null,
      nick: null,
      email: null,
      language: null,
      pageUrl: null,
      pageTitle: null,
    },
    ...{
      referrer: null,
      userAgent: null,
      custom: {},
      member: false,
      accountId: null,
      openChatId: null,
      lastChatId: null,
      online: true,
      erased: false,
      greeted: [],
      groups: [],
      createdAt: new Date(0),
    },
    ...more,
  };
}

describe('how operators see a visitor', () => {
  for (const [url, path] of [
    ['https://shop.example/pricing?a=1#x', '/pricing'],
    ['https://shop.example', '/'],
    ['https://shop.example/a/b/', '/a/b/'],
    ['not an address', 'not an address'],
  ] as const) {
    it(`shortens ${url} to ${path}`, () => expect(pagePath(url)).to.equal(path));
  }

  it('is marked as verified when the site says who it is, and never by what a page says', () => {
    expect(statusText(buildVisitor({ member: true, language: 'de' }))).to.equal('✓ verified, de');
    for (const said of [{ language: 'verified' }, { pageUrl: '✓ verified' }, { referrer: '✓ verified' }])
      expect(statusText(buildVisitor(said))).not.to.match(/^✓/);
  });

  it('is called by nick and page', () => {
    expect(rosterName(buildVisitor({ nick: 'Vera', pageUrl: 'https://shop.example/pricing' }))).to.equal(
      'Vera · /pricing',
    );
    expect(rosterName(buildVisitor({ pageUrl: 'https://shop.example/' }))).to.equal('Visitor 7 · /');
    expect(rosterName(buildVisitor())).to.equal('Visitor 7');
  });

  it('stays within what a roster can show', () => {
    const visitor = buildVisitor({
      nick: 'V'.repeat(100),
      pageUrl: `https://shop.example/${'p'.repeat(1000)}`,
      referrer: `https://${'r'.repeat(60)}.example/`,
    });
    expect(rosterName(visitor).length).to.be.at.most(200);
    expect(statusText(visitor).length).to.be.at.most(300);
  });

  it('isn’t cut within a character', () => {
    const page = { pageUrl: `${'x'.repeat(99)}😀` };
    expect(pagePath(page.pageUrl)).to.equal('x'.repeat(99));
    expect(rosterName(buildVisitor({ nick: `${'😀'.repeat(49)}V`, ...page })).isWellFormed()).to.equal(true);
  });

  it('says page, origin and language in the status', () => {
    expect(
      statusText(
        buildVisitor({
          pageUrl: 'https://shop.example/pricing',
          referrer: 'https://google.com/search',
          language: 'de',
        }),
      ),
    ).to.equal('on /pricing, from google.com, de');
    expect(statusText(buildVisitor({ language: 'de' }))).to.equal('de');
    expect(statusText(buildVisitor({ referrer: 'nonsense' }))).to.equal('');
  });

  it('keeps what a later page view doesn’t mention', () => {
    const visitor = buildVisitor({ nick: 'Vera', language: 'de' });
    describeVisitor(visitor, { pageUrl: 'https://shop.example/docs', language: 'en' });
    expect(visitor).to.include({ nick: 'Vera', language: 'en', pageUrl: 'https://shop.example/docs' });
  });
});
