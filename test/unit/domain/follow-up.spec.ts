import { expect } from 'chai';
import { checkFollowUp, followUpLink } from '../../../bridge/domain/instances/follow-up.js';
import type { Visitor } from '../../../bridge/domain/visitors/visitor.js';

const visitor = {
  ...{ nick: 'Vera & Co', email: 'vera+x@example.org', language: 'de', pageUrl: 'https://shop.example/a?b' },
  ...{ pageTitle: null, referrer: null, custom: { topic: '100% <b>#1</b>', __proto__x: 'y', chat: 'forged' } },
} as unknown as Visitor;
const link = (followUp: string | null, who: Visitor = visitor) =>
  followUpLink({ followUp, key: 'main' }, who, { number: 42 });

describe('the link to go on at', () => {
  it('has what is known, each value encoded', () => {
    expect(link('https://forum.example/new?title={topic}&chat={chat}&mail={email}&name={name}#{desk}')).to.equal(
      'https://forum.example/new?title=100%25%20%3Cb%3E%231%3C%2Fb%3E&chat=42&mail=vera%2Bx%40example.org&name=Vera%20%26%20Co#main',
    );
  });

  it('is empty where nothing is known, and isn’t there where the desk has none', () => {
    const template = 'https://f.example/{title}{nothing}{constructor}?p={page}';
    expect(followUpLink({ followUp: template, key: 'main' }, undefined)).to.equal('https://f.example/?p=');
    expect(link(null)).to.equal(null);
  });

  it('isn’t shown when it would be too long', () => {
    const long = { ...visitor, custom: { topic: 'ä'.repeat(500) } };
    expect(link('https://f.example/?t={topic}', long)).to.equal(null);
  });

  it('leads to the site that the desk names, by http or https alone', () => {
    for (const template of ['https://f.example/{topic}', 'http://f.example?x={y}', 'https://f.example/#{name}'])
      expect(() => checkFollowUp(template), template).to.not.throw();
    for (const template of [
      ...['javascript:alert({name})', 'https://{name}/', 'https://{name}.example/', 'https://f.example{name}/'],
      ...['{page}', '/new?x={y}', 'mailto:a@b.example', 'https://f.example:{chat}/', 'data:text/html,{name}', ''],
      ...['https://f.example/ x', 'https://f.example/"onclick='],
    ])
      expect(() => checkFollowUp(template), template).to.throw('must be an http(s) address');
  });
});
