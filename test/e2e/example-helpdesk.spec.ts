import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../bridge/stack/ports.js';
import { TestFoyer } from '../support/bridge.js';
import { apiKey } from '../support/helpdesk.js';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';

const PROGRAM = fileURLToPath(new URL('../../config/examples/helpdesk.mjs', import.meta.url));

interface Shown {
  chat: number | null;
  lines: { from: string; text: string }[];
}

describe('the example of a helpdesk', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let folder: string;
  let port: number;
  let program: ChildProcess;

  before(async function () {
    this.timeout(90_000);
    foyer = await TestFoyer.start({ environment: { FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true' } });
    anna = await foyer.operator('anna', 'Anna');
    folder = await mkdtemp(join(tmpdir(), 'foyer-example-'));
    port = await freePort();
    await begin();
  });

  after(async () => {
    await end();
    await foyer.stop();
    await rm(folder, { recursive: true });
  });

  const file = () => join(folder, 'helpdesk.json');

  async function begin(): Promise<void> {
    const key = await apiKey(foyer.bridge.core);
    program = spawn(process.execPath, [PROGRAM], {
      stdio: 'ignore',
      env: { FOYER_URL: foyer.base, FOYER_KEY: key, PORT: String(port), FILE: file() },
    });
    await until(
      () =>
        fetch(address('nobody')).then(
          ({ ok }) => ok,
          () => false,
        ),
      'the program',
    );
  }

  async function end(): Promise<void> {
    const ended = new Promise((resolve) => program.once('exit', resolve));
    program.kill('SIGKILL');
    await ended;
  }

  const address = (visitor: string) => `http://127.0.0.1:${port}/visitors/${visitor}`;
  const write = (visitor: string, text: string) =>
    fetch(address(visitor), { method: 'POST', body: JSON.stringify({ text }) });
  const read = async (visitor: string) => (await (await fetch(address(visitor))).json()) as Shown;
  const linesOf = async (visitor: string) => (await read(visitor)).lines.map(({ from, text }) => `${from}: ${text}`);

  /** From where this text came. */
  async function contactOf(text: string): Promise<string> {
    const stanza = await anna.expect(text, (one) => one.is('message') && one.getChildText('body') === text);
    return (stanza.attrs['from'] as string).split('/')[0] as string;
  }

  it('brings the visitor’s words to the operator’s client, and the answer back, once and corrected', async () => {
    await write('7', 'Are you there?');
    const contact = await contactOf('Are you there?');
    const id = await anna.say(contact, 'Helo', { markable: true });
    await until(async () => (await linesOf('7')).includes('Anna: Helo'), 'the answer');
    await anna.expect('that the visitor has read it', (one) => one.getChild('displayed')?.attrs['id'] === id);
    await anna.say(contact, 'Hello', { replaces: id });
    await write('7', 'Fine');
    await until(async () => (await linesOf('7')).includes('Anna: Hello'), 'the correction');
    await until(() => anna.texts(contact).includes('Fine'), 'the next words');
    expect(await linesOf('7')).to.deep.equal(['visitor: Are you there?', 'Anna: Hello', 'visitor: Fine']);
  });

  it('loses and doubles nothing when it is killed while both sides write', async () => {
    await write('8', 'm0');
    const contact = await contactOf('m0');
    await anna.say(contact, 'a0');
    await until(async () => (await linesOf('8')).includes('Anna: a0'), 'the first answer');
    await write('8', 'm1');
    await end();
    await anna.say(contact, 'a1');
    await begin();
    await write('8', 'm2');
    await until(async () => (await linesOf('8')).includes('Anna: a1'), 'the answer from meanwhile');
    await until(() => anna.texts(contact).includes('m2'), 'what was written after');
    expect(anna.texts(contact)).to.deep.equal(['m0', 'm1', 'm2']);
    expect((await linesOf('8')).filter((line) => line.startsWith('Anna'))).to.deep.equal(['Anna: a0', 'Anna: a1']);
  });

  it('tells the operator that a chat was over when the words came, and takes no forged ones', async () => {
    await write('9', 'Bye');
    const contact = await contactOf('Bye');
    await anna.say(contact, 'Wait');
    await until(async () => (await linesOf('9')).includes('Anna: Wait'), 'the answer');
    await end();
    const known = JSON.parse(await readFile(file(), 'utf8')) as { visitors: Record<string, Shown> };
    (known.visitors['9'] as Shown).chat = null;
    await writeFile(file(), JSON.stringify(known));
    await anna.say(contact, 'One more thing');
    await begin();
    await until(
      () =>
        anna
          .texts(contact)
          .some((text) => /closed in the helpdesk\. Your message was not sent\.\n> One more/.test(text)),
      'that it was not sent',
    );
    expect(await linesOf('9')).to.deep.equal(['visitor: Bye', 'Anna: Wait']);
    const forged = await fetch(`http://127.0.0.1:${port}/callback`, {
      method: 'POST',
      headers: { 'webhook-id': 'x', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) },
      body: JSON.stringify({ type: 'chat.started', data: { visitor: { external_id: '9' }, chat: { id: 1 } } }),
    });
    expect(forged.status).to.equal(401);
    expect((await read('9')).chat).to.equal(null);
  });

  it('ends the chat, and begins another with the next words', async () => {
    await write('10', 'First');
    const contact = await contactOf('First');
    await anna.say(contact, 'Yes?');
    await until(async () => (await linesOf('10')).includes('Anna: Yes?'), 'the answer');
    const { chat } = await read('10');
    await fetch(address('10'), { method: 'DELETE' });
    await until(() => anna.texts(contact).some((text) => text.includes('has ended the chat')), 'the end');
    await write('10', 'Second');
    await until(() => anna.texts(contact).includes('Second'), 'the next chat');
    expect((await read('10')).chat).to.be.greaterThan(chat as number);
  });

  it('has less than 100 lines and needs nothing but Node', async () => {
    const text = await readFile(PROGRAM, 'utf8');
    expect(text.split('\n').length - 1).to.be.lessThan(100);
    expect([...text.matchAll(/from '([^']+)'/g)].filter(([, name]) => !name?.startsWith('node:'))).to.deep.equal([]);
  });
});
