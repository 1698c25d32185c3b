import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rows, type Pool } from '../../../bridge/storage/pool.js';

/** Secrets by name, found in whatever text they are written as. */
export class Secrets {
  private readonly forms = new Map<string, readonly string[]>();
  private readonly values = new Map<string, string>();

  add(name: string, value: string): void {
    if (value.length < 8) throw new Error(`${name} is too short to be looked for`);
    this.values.set(name, value);
    this.forms.set(name, formsOf(value));
  }

  get names(): string[] {
    return [...this.forms.keys()];
  }

  value(name: string): string {
    return this.values.get(name) ?? '';
  }

  /** Names of those that are in the text, each with a bit of what is around. */
  foundIn(text: string): string[] {
    return [...this.forms].flatMap(([name, forms]) => {
      const at = forms.map((form) => text.indexOf(form)).find((index) => index >= 0);
      return at === undefined ? [] : [`${name} in: ${text.slice(Math.max(0, at - 160), at + 60)}`];
    });
  }
}

/** As it is, in JSON, in an address, in hex, within base64 wherever it begins, and as Erlang prints bytes. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const within = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and last characters hold bits of what is beside it.
    return text.slice(offset === 0 ? 0 : offset + 1, -1);
  });
  const plain = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), bytes.toString('hex')];
  const url = within.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [...new Set([...plain, ...within, ...url, [...bytes].join(',')])];
}

/** A log of Erlang's, with the line breaks taken out that its printer makes within long terms. */
export function joined(text: string): string {
  return text.replace(/"\s*\n\s*"/g, '').replace(/,\s+/g, ',');
}

/** Every file in a folder, as text. */
export async function filesIn(folder: string): Promise<string> {
  const names = await readdir(folder);
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
}

/** Every row of every table; bytes also as they would read if they were text. */
export async function everyRow(pool: Pool): Promise<Record<string, string>> {
  const tables = await rows(
    pool,
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
  );
  const dump: Record<string, string> = {};
  for (const { name } of tables as unknown as { name: string }[]) {
    const found = await rows(pool, `SELECT * FROM \`${name}\``);
    dump[name] = found
      .flatMap((row) => Object.values(row).map((value) => (Buffer.isBuffer(value) ? readings(value) : textOf(value))))
      .join('\n');
  }
  return dump;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? `${value}\n${readings(Buffer.from(value, 'base64'))}` : String(value);
}

function readings(bytes: Buffer): string {
  return `${bytes.toString('latin1')}\n${bytes.toString('hex')}`;
}

/** Command lines and environments of all processes but this one, watched until they are asked for. */
export class Processes {
  private readonly seen = new Set<string>();
  private stopped = false;
  private readonly watching = this.watch();

  async all(): Promise<string> {
    this.stopped = true;
    await this.watching;
    return [...this.seen].join('\n');
  }

  private async watch(): Promise<void> {
    while (!this.stopped) {
      const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
      for (const id of ids) {
        for (const what of ['cmdline', 'environ']) {
          // One that has ended meanwhile, or is somebody else's, has nothing to say.
          const text = await readFile(`/proc/${id}/${what}`, 'latin1').catch(() => '');
          if (text !== '') this.seen.add(text.replaceAll('\0', '\n'));
        }
      }
    }
  }
}
