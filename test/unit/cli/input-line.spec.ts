import { expect } from 'chai';
import { readInput, type Input } from '../../../bridge/cli/operator-console/input-line.js';

const known = (number: number) => number <= 2;

const cases: [string, Input][] = [
  ['', { kind: 'nothing' }],
  ['   ', { kind: 'nothing' }],
  ['hello', { kind: 'say', to: 'last', text: 'hello' }],
  ['1 hello there', { kind: 'say', to: 1, text: 'hello there' }],
  ['2: hello', { kind: 'say', to: 2, text: 'hello' }],
  ['2, hello', { kind: 'say', to: 2, text: 'hello' }],
  ['@1 hello', { kind: 'say', to: 1, text: 'hello' }],
  ['@7 hello', { kind: 'say', to: 7, text: 'hello' }],
  ['7 days', { kind: 'say', to: 'last', text: '7 days' }],
  ['1', { kind: 'say', to: 'last', text: '1' }],
  ['1.5 metres', { kind: 'say', to: 'last', text: '1.5 metres' }],
  ['anna@example.org', { kind: 'say', to: 'last', text: 'anna@example.org' }],
  ['/list', { kind: 'list' }],
  [' /quit ', { kind: 'quit' }],
  ['/help me', { kind: 'help' }],
  ['/dance', { kind: 'unknown', command: 'dance' }],
  ['/', { kind: 'unknown', command: '' }],
  ['pas\u001b[31mted\u0000\uffff\ud800\u0008 text', { kind: 'say', to: 'last', text: 'pas[31mted\ufffd text' }],
  ['\u0000\u0007', { kind: 'nothing' }],
];

describe('a line of the operator console', () => {
  for (const [line, input] of cases) {
    it(`reads ${JSON.stringify(line)} as ${JSON.stringify(input)}`, () => {
      expect(readInput(line, known)).to.deep.equal(input);
    });
  }
});
