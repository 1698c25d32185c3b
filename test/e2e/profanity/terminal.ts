import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../../support/until.js';
import type { TestFoyer } from '../../support/bridge.js';

const execute = promisify(execFile);

/** A terminal program in a tmux of its own; its files go with it. */
export class Terminal {
  private constructor(
    private readonly dir: string,
    private readonly session: string,
  ) {}

  /** Starts a program with nothing of the user's settings. */
  static async run(program: string): Promise<Terminal> {
    const dir = await mkdtemp(join(tmpdir(), 'foyer-terminal-'));
    const terminal = new Terminal(dir, 'foyer');
    const variables = {
      ...{
        HOME: dir,
        XDG_CONFIG_HOME: join(dir, 'config'),
        XDG_DATA_HOME: join(dir, 'data'),
        XDG_CACHE_HOME: join(dir, 'cache'),
      },
      ...{ TERM: 'screen-256color', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
    };
    const settings = Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    await terminal.tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-s',
      terminal.session,
      '-x',
      '150',
      '-y',
      '45',
      ...settings,
      program,
    );
    return terminal;
  }

  /** Types a line and Enter. */
  async type(line: string): Promise<void> {
    await this.tmux('send-keys', '-t', this.session, '-l', line);
    await this.tmux('send-keys', '-t', this.session, 'Enter');
  }

  /** What a person would see now. */
  async screen(): Promise<string> {
    return this.tmux('capture-pane', '-p', '-t', this.session);
  }

  /** Waits until the screen shows this. */
  async shows(text: string | RegExp, seconds = 15): Promise<string> {
    let last = '';
    try {
      return await until(
        async () => {
          last = await this.screen();
          return (typeof text === 'string' ? last.includes(text) : text.test(last)) ? last : null;
        },
        String(text),
        seconds,
      );
    } catch {
      throw new Error(`Waited ${seconds} s for ${String(text)}; the screen shows:\n${last}`);
    }
  }

  async close(): Promise<void> {
    await this.tmux('kill-server').catch(() => undefined);
    await rm(this.dir, { recursive: true, force: true });
  }

  private async tmux(...args: string[]): Promise<string> {
    const environment = {
      PATH: process.env['PATH'] ?? '',
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      TERM: 'screen-256color',
    };
    const { stdout } = await execute('tmux', ['-u', '-S', join(this.dir, 'tmux'), ...args], { env: environment });
    return stdout;
  }
}

/**
 * Profanity, logged in as a new operator, as a person types it.
 * @param settings typed before the login
 */
export async function profanityOf(
  foyer: TestFoyer,
  name: { user: string; shown: string },
  settings: readonly string[] = [],
): Promise<Terminal> {
  const { user, password } = await foyer.addOperator(name.user, name.shown);
  const profanity = await Terminal.run('profanity');
  await profanity.shows('Profanity');
  await profanity.type('/account add demo');
  for (const [setting, value] of [
    ['jid', `${user}@${foyer.settings.ejabberd.host}`],
    ['server', '127.0.0.1'],
    ['port', String(foyer.ejabberd.c2sPort)],
    ['password', password],
    ['tls', 'disable'],
  ])
    await profanity.type(`/account set demo ${setting} ${value}`);
  for (const setting of settings) await profanity.type(setting);
  await profanity.type('/connect demo');
  await profanity.shows('logged in successfully');
  await until(async () => (await foyer.show(user)) === 'available', 'the operator online in the record');
  return profanity;
}
