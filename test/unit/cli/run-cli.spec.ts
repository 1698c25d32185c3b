import { expect } from 'chai';
import { command, type Command } from '../../../bridge/cli/command.js';
import { commands } from '../../../bridge/cli/commands.js';
import { CliError } from '../../../bridge/cli/exit-codes.js';
import type { Io } from '../../../bridge/cli/io.js';
import { runCli } from '../../../bridge/cli/run-cli.js';
import { foyer } from '../../support/cli.js';
import { PassThrough } from 'node:stream';

describe('the command line', () => {
  it('lists every command without being asked anything', async () => {
    const { code, out } = await foyer([]);
    expect(code).to.equal(0);
    for (const { name } of commands) expect(out).to.include(`  ${name}`);
  });

  for (const { name } of commands) {
    it(`explains “${name}” in both ways of asking`, async () => {
      const asked = await foyer(['help', ...name.split(' ')]);
      const flagged = await foyer([...name.split(' '), '--help']);
      expect(asked).to.deep.equal(flagged);
      expect(asked.code).to.equal(0);
      expect(asked.out).to.include(`Usage: foyer ${name}`).and.include('--config FILE');
    });
  }

  it('has no two commands of one name, and no option of two meanings', () => {
    const names = commands.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    for (const { options } of commands) expect(options).to.not.have.any.keys('config', 'help');
  });

  it('says its version', async () => {
    expect((await foyer(['--version'])).out).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  const refused: [string, string[], RegExp][] = [
    ['an unknown command', ['fly'], /there is no command “fly”/],
    ['half a command', ['operator'], /needs one of: operator add, operator set/],
    ['an unknown option', ['status', '--fast'], /Unknown option “--fast”\nUsage: foyer status/],
    ['an option without its value', ['desk', 'add', 'main', '--name'], /--name/],
    ['a missing argument', ['operator', 'add'], /NAME is missing\nUsage: foyer operator add NAME/],
    ['an argument too many', ['status', 'now'], /“now” is one argument too many/],
    ['help for what isn’t there', ['help', 'fly'], /there is no command “fly”/],
  ];
  for (const [what, argv, says] of refused) {
    it(`refuses ${what} with 64 and how to do better`, async () => {
      const { code, out, err } = await foyer(argv);
      expect(code).to.equal(64);
      expect(err).to.match(says);
      expect(out).to.equal('');
    });
  }

  it('takes the configuration’s name in front of the command and behind it', async () => {
    for (const argv of [
      ['--config', 'a.yml', 'config', 'check'],
      ['config', 'check', '--config=a.yml'],
    ]) {
      const { code, err } = await foyer(argv, { cwd: '/nonexistent' });
      expect(code).to.equal(78);
      expect(err).to.include('/nonexistent/a.yml');
    }
    expect((await foyer(['config', 'check'], { env: { FOYER_CONFIG: 'b.yml' } })).err).to.include('/nonexistent/b.yml');
  });

  it('gives a command its typed options, and its exit code back', async () => {
    const { io } = silent();
    let got: unknown;
    const probe = command({
      name: 'probe',
      summary: '',
      args: ['A', '[B]'],
      options: { yes: { type: 'boolean', text: '' }, many: { type: 'string', multiple: true, text: '' } },
      run: async ({ args, values }) => {
        got = { args, yes: values.yes, many: values.many };
        return 7;
      },
    });
    expect(await runCli([probe], ['probe', 'x', '--yes', '--many', '1', '--many', '2'], io)).to.equal(7);
    expect(got).to.deep.equal({ args: ['x'], yes: true, many: ['1', '2'] });
  });

  it('tells a refusal in one line, without a stack', async () => {
    const { io, err } = silent();
    const broken: Command = {
      name: 'broken',
      summary: '',
      options: {},
      run: () => Promise.reject(new CliError('it is Sunday', 69)),
    };
    expect(await runCli([broken], ['broken'], io)).to.equal(69);
    expect(err()).to.equal('foyer: it is Sunday\n');
  });
});

function silent(): { io: Io; err: () => string } {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let text = '';
  stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return {
    io: { stdin, stdout, stderr, env: {}, cwd: '/', onStop: () => () => undefined, exit: () => undefined },
    err: () => text,
  };
}
