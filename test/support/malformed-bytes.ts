import fc, { type Arbitrary } from 'fast-check';
import type { Json } from './malformed.js';

/** JSON that is spoilt as it is written down: on its way, by another encoding, or by somebody who writes it by hand. */

type Spoil = (json: string) => Buffer;

const NUMBERS = ['1e999', '-1e999', '0x1F', 'NaN', 'Infinity', '01', '1.', '.5', '1e-400', '9'.repeat(400), '-0'];
const BYTES = [[0], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88], [0x80], [0xef, 0xbb, 0xbf], [0x1b]];
const FRAMES: [string, string][] = [
  [")]}',\n", ''],
  ['\ufeff', ''],
  ['', ','],
  ['', '\u0000'],
  ['', '{}'],
  ['[', ']'],
  ['"', '"'],
  ['/* */', ''],
];

const spliced = (bytes: Buffer, where: number, more: Buffer) =>
  Buffer.concat([bytes.subarray(0, where), more, bytes.subarray(where)]);

const spoils: Arbitrary<Spoil> = fc.oneof(
  fc
    .double({ min: 0, max: 1, noNaN: true })
    .map((part) => (json: string) => Buffer.from(json.slice(0, Math.floor(json.length * part)))),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([where, mask]) => (json: string) => {
    const bytes = Buffer.from(json);
    const i = where % Math.max(1, bytes.length);
    if (bytes.length > 0) bytes.writeUInt8(bytes.readUInt8(i) ^ mask, i);
    return bytes;
  }),
  fc.tuple(fc.nat(), fc.constantFrom(...BYTES)).map(([where, more]) => (json: string) => {
    const bytes = Buffer.from(json);
    return spliced(bytes, where % (bytes.length + 1), Buffer.from(more));
  }),
  // The first name once more, before and behind.
  fc.tuple(fc.boolean(), fc.constantFrom('null', '{}', '"x"', '[1]', '1')).map(([before, value]) => (json: string) => {
    const name = /^\{("(?:[^"\\]|\\.)*"):/.exec(json)?.[1];
    if (name === undefined) return Buffer.from(json + json);
    return Buffer.from(before ? `{${name}:${value},${json.slice(1)}` : `${json.slice(0, -1)},${name}:${value}}`);
  }),
  fc.tuple(fc.nat(), fc.constantFrom(...NUMBERS)).map(([where, number]) => (json: string) => {
    const colons = [...json.matchAll(/:(?:"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false|null)/g)];
    const one = colons[where % Math.max(1, colons.length)];
    if (!one) return Buffer.from(number);
    return Buffer.from(`${json.slice(0, one.index)}:${number}${json.slice(one.index + one[0].length)}`);
  }),
  fc
    .tuple(fc.constantFrom(2_000, 60_000), fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[', '']))
    .map(([depth, [open = '', close = '']]) => (json: string) => {
      const value = `${open.repeat(depth)}1${close.repeat(depth)}`;
      return Buffer.from(json.replace(/:(?=["[{\dtfn-])/, () => `:${value},"b":`));
    }),
  fc.constantFrom(...FRAMES).map(
    ([begin, end]) =>
      (json: string) =>
        Buffer.from(begin + json + end),
  ),
  fc
    .constantFrom<BufferEncoding>('utf16le', 'latin1')
    .map((encoding) => (json: string) => Buffer.from(`${json}é`, encoding)),
  fc.constant(() => Buffer.alloc(0)),
);

/** As it is most of the time. Halves of pairs are escaped, as JSON has it. */
export function written(value: Arbitrary<Json>): Arbitrary<Buffer> {
  const asItIs: Spoil = (json: string) => Buffer.from(json);
  return fc
    .tuple(value, fc.oneof({ weight: 3, arbitrary: fc.constant(asItIs) }, { weight: 1, arbitrary: spoils }))
    .map(([json, spoil]) => spoil(JSON.stringify(json)));
}

/** A right value that is spoilt in writing. */
export function spoilt(value: Arbitrary<Json>): Arbitrary<Buffer> {
  return fc.tuple(value, spoils).map(([json, spoil]) => spoil(JSON.stringify(json)));
}
