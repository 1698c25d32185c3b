import { expect } from 'chai';
import fc from 'fast-check';
import { createSseParser } from '../../../bridge/widget/core/sse-parser.js';

function parse(...pieces: string[]): string[] {
  const seen: string[] = [];
  const push = createSseParser((data) => seen.push(data));
  pieces.forEach(push);
  return seen;
}

describe('widget: the stream parser', () => {
  const stream =
    ': hello\n\nid: 7.1\nevent: message\ndata: {"a":1}\n\nretry: 2000\n\ndata: one\ndata: two\r\n\r\ndata:bare\r\r';

  it('gives the data of every complete event and skips comments and other fields', () => {
    expect(parse(stream)).to.deep.equal(['{"a":1}', 'one\ntwo']);
    expect(parse(stream, 'data: next\n\n')).to.deep.equal(['{"a":1}', 'one\ntwo', 'bare', 'next']);
  });

  it('gives the same however the stream is cut', () => {
    const cuts = fc.array(fc.nat(stream.length), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (places) => {
        const sorted = [0, ...places.sort((a, b) => a - b), stream.length];
        const pieces = sorted.slice(1).map((end, i) => stream.slice(sorted[i], end));
        expect(parse(...pieces, '\n')).to.deep.equal(parse(stream, '\n'));
      }),
    );
  });

  it('keeps an event that isn’t complete to itself', () => {
    expect(parse('data: half')).to.deep.equal([]);
    expect(parse('data: half\n')).to.deep.equal([]);
    expect(parse('event: message\n\n')).to.deep.equal([]);
  });
});
