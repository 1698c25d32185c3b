import type { Argument } from './argument.js';

/** Where no term is typed. */
export const USUAL_TERM = '1d';
/** Those that a form offers. */
const TERMS = ['30m', '2h', USUAL_TERM, '7d', '30d', 'forever'];

/** For how long somebody is kept out. */
export const termArgument: Argument = {
  ...{ name: 'term', label: 'arg_term', type: 'choice', required: false, none: 'nothing' },
  options: () => Promise.resolve(TERMS.map((value) => ({ value, label: value }))),
};
