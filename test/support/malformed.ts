import fc, { type Arbitrary } from 'fast-check';
import { HOSTILE } from './hostile-texts.js';

/** Inputs that are nearly right: what is quite wrong is refused at once and shows nothing of what lies behind. */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The same seed generates the same inputs, so that every run of all tests means the same; FOYER_TEST_SEED=$RANDOM looks further. */
const SEED = Number(process.env['FOYER_TEST_SEED'] ?? 20_261_125);

/** In a `describe`: a test that fails says with which seed. */
export function tellSeedOfFailures(): void {
  afterEach(function () {
    if (this.currentTest?.state === 'failed') process.stderr.write(`      again: FOYER_TEST_SEED=${SEED}\n`);
  });
}

/** @param series inputs of another series differ with the same seed */
export function sample<T>(inputs: Arbitrary<T>, count: number, series = 0): T[] {
  return fc.sample(inputs, { numRuns: count, seed: SEED + series });
}

const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'toJSON', ''];
const EDGES = [-1, 0, 1.5, -0.1, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 63), 1e21, 1.7e308, 5e-324];
/** Halves of pairs, NUL, what isn't XML, what ends lines, and what may mean something to a database or a path. */
const PIECES = [
  '\u0000',
  '\ud800',
  '\udfff',
  '\ufffe',
  '\uffff',
  '\u001b[2J',
  '\r\n',
  '\u2028',
  '\u0085',
  "'",
  '\\',
  '%',
  '../',
  '😀',
];

export const hostileText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE.map(({ text }) => text)),
  fc.constantFrom(...PIECES),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc
    .tuple(fc.constantFrom('x', 'é', '😀', '\u0000', '&'), fc.constantFrom(41, 101, 191, 501, 2_001, 70_000))
    .map(([unit, count]) => unit.repeat(count)),
);

const nested = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.boolean()).map(([depth, list]) => {
  let value: Json = null;
  for (let i = 0; i < depth; i += 1) value = list ? [value] : { a: value };
  return value;
});

/** Of any type, and seldom of the right one. */
export const oddValue: Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, '', ' ', [], {}, [null], 'true', '1', '-0', 'NaN'),
  fc.constantFrom<Json>(...EDGES),
  hostileText,
  nested,
  fc.constantFrom(...PROTOTYPE_NAMES).map((name) => own([[name, { a: 1 }]])),
  fc.array(fc.constantFrom<Json>('a', 1, null), { minLength: 1, maxLength: 120 }),
);

interface Step {
  where: number;
  how: 'replace' | 'remove' | 'add' | 'wrap' | 'spoil';
  value: Json;
  name: string;
  text: string;
}

const step: Arbitrary<Step> = fc.record({
  where: fc.nat(),
  how: fc.constantFrom('replace', 'replace', 'remove', 'add', 'wrap', 'spoil', 'spoil'),
  value: oddValue,
  name: fc.oneof(fc.constantFrom(...PROTOTYPE_NAMES, 'id', 'instance_id'), hostileText),
  text: fc.constantFrom(...PIECES),
});

/** Each differs from a right one in one to three places. */
export function mutated(right: Arbitrary<Json>): Arbitrary<Json> {
  return fc
    .tuple(right, fc.array(step, { minLength: 1, maxLength: 3 }))
    .map(([value, steps]) => steps.reduce((before, one) => change(before, one), value));
}

/** Own properties whatever their names: an assignment to `__proto__` would make none. */
function own(entries: [string, Json][]): Json {
  return Object.fromEntries(entries);
}

type Path = (string | number)[];

function change(value: Json, { where, how, value: odd, name, text }: Step): Json {
  const paths = [...places(value, [])];
  const path = paths[where % paths.length] ?? [];
  return at(value, path, (found) => {
    if (how === 'remove') return undefined;
    if (how === 'wrap') return where % 2 === 0 ? [found] : { a: found };
    if (how === 'add' && typeof found === 'object' && found !== null)
      return Array.isArray(found) ? [...found, odd] : own([...Object.entries(found), [name, odd]]);
    if (how === 'spoil' && typeof found === 'string') {
      const middle = where % (found.length + 1);
      return found.slice(0, middle) + text + found.slice(middle);
    }
    if (how === 'spoil' && typeof found === 'number') return found + (EDGES[where % EDGES.length] ?? 0);
    return odd;
  });
}

function* places(value: Json, path: Path): Generator<Path> {
  yield path;
  if (typeof value !== 'object' || value === null || path.length > 8) return;
  for (const [name, child] of Object.entries(value))
    yield* places(child, [...path, Array.isArray(value) ? Number(name) : name]);
}

function at(value: Json, [first, ...rest]: Path, with_: (found: Json) => Json | undefined): Json {
  if (first === undefined) return with_(value) ?? null;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([name, child]): [string, Json][] => {
    if (name !== String(first)) return [[name, child]];
    const changed = rest.length === 0 ? with_(child) : at(child, rest, with_);
    return changed === undefined ? [] : [[name, changed]];
  });
  return Array.isArray(value) ? entries.map(([, child]) => child) : own(entries);
}
