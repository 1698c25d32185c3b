import { expect } from 'chai';
import { explain } from '../../../bridge/cli/explain.js';
import { CliError } from '../../../bridge/cli/exit-codes.js';
import { ConfigError } from '../../../bridge/config/load.js';
import { EjabberdError } from '../../../bridge/outbound/ejabberd/admin-errors.js';
import { FoyerError } from '../../../bridge/shared/errors.js';

const cases: [string, unknown, number, RegExp][] = [
  ['a refusal of the command', new CliError('no', 64), 64, /^no$/],
  [
    'a wrong configuration',
    new ConfigError(['a: is missing', 'b: is missing']),
    78,
    /- a: is missing\n {2}- b: is missing/,
  ],
  ['a rule of the domain', new FoyerError('conflict', 'There is one.'), 1, /^There is one\.$/],
  ['a database that is away in the middle', new FoyerError('database_unavailable', 'Away.'), 69, /^Away\.$/],
  [
    'a database that is away',
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    69,
    /database can’t be reached/,
  ],
  [
    'a database that refuses the password',
    Object.assign(new Error('denied'), { errno: 1045 }),
    78,
    /database refuses us/,
  ],
  ['an ejabberd that is away', new EjabberdError('unreachable', 'ejabberd is away'), 69, /^ejabberd is away$/],
  ['an ejabberd that refuses', new EjabberdError('denied', 'ejabberd says no'), 1, /^ejabberd says no$/],
  [
    'a port that is taken',
    Object.assign(new Error('listen EADDRINUSE: 127.0.0.1:8080'), { code: 'EADDRINUSE' }),
    69,
    /port is taken/,
  ],
  ['a fault of ours', new TypeError('x is undefined'), 1, /TypeError: x is undefined\n {4}at /],
  ['anything else', 'oops', 1, /^oops$/],
];

describe('what goes wrong', () => {
  for (const [what, error, exitCode, says] of cases) {
    it(`tells ${what} with exit code ${exitCode}`, () => {
      const explained = explain(error);
      expect(explained.exitCode).to.equal(exitCode);
      expect(explained.text).to.match(says);
    });
  }
});
