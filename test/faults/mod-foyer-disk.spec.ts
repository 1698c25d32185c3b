import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { beginTalk, numbered, recorded, refusalOf, type Talk } from '../e2e/edges/talk.js';
import { TestFoyer } from '../support/bridge.js';
import { examinerOf } from '../support/doctor.js';
import type { OperatorClient } from '../support/operator-client.js';
import { leftovers } from '../support/stack-leftovers.js';
import { until } from '../support/until.js';
import { spoolOf } from './support/mod-foyer.js';

const run = promisify(execFile);
const DISK_BYTES = 2_097_152;

describe('a spool that can’t be written', function () {
  this.timeout(90_000);
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'foyer-spool-'));
  });

  afterEach(async () => {
    await foyer.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function start(spoolDir: string): Promise<void> {
    foyer = await TestFoyer.start({ moduleOptions: { spool_dir: spoolDir } });
    const operator = await foyer.addOperator('anna', 'Anna');
    // A presence can't be reported yet where the spool is away from the start.
    anna = await foyer.client(operator, { silent: true });
    await anna.presence();
  }

  const confirmed = (id: string) =>
    until(
      () => anna.received.some((one) => one.getChild('received', 'urn:xmpp:receipts')?.attrs['id'] === id),
      `a receipt of ${id}`,
      30,
    );

  /** Each of them is refused to the operator, with a word. */
  async function expectRefused(talk: Talk, texts: readonly string[]): Promise<void> {
    for (const text of texts)
      expect(await refusalOf(anna, await anna.say(talk.contact, text, { receipt: true }))).to.deep.equal({
        condition: 'internal-server-error',
        text: "Not sent: the message couldn't be stored",
      });
  }

  /** The command, the figures and the doctor say it. */
  async function expectNamed(reason: string, refused: number): Promise<void> {
    const spool = await spoolOf(foyer);
    expect(spool.writeError).to.equal(reason);
    expect(spool.refused).to.be.at.least(refused);
    const figures = await (await fetch(`${foyer.base}/metrics`)).text();
    expect(Number(/^foyer_spool_refused (\d+)$/m.exec(figures)?.[1])).to.be.at.least(refused);
    const { code, findings } = await examinerOf(foyer).examine({}, '--no-round-trip');
    expect(code).to.equal(1);
    expect(findings.find(({ what }) => what.includes(`can’t write its spool (${reason})`))?.advice).to.match(
      /room on the disk/,
    );
  }

  it('since its directory can’t be made: operators are told, and it goes on once it can', async () => {
    const inTheWay = join(dir, 'not-a-directory');
    await writeFile(inTheWay, '');
    await start(join(inTheWay, 'spool'));
    const page = foyer.page();
    await page.visit();
    const { id: chatId } = await page.startChat('Hello');
    const talk = { page, chatId, contact: foyer.contact(page) };
    await expectRefused(talk, numbered('in the way', 3));
    await expectNamed('enotdir', 3);

    await rm(inTheWay);
    const id = await anna.say(talk.contact, 'there it is', { receipt: true });
    await confirmed(id);
    expect(await recorded(foyer, chatId)).to.deep.equal(['Hello', 'there it is']);
    expect((await spoolOf(foyer)).writeError).to.equal('');
  });

  // Only root can mount a small disk.
  if (process.getuid?.() === 0) {
    it('since its disk is full: operators are told, visitors’ words arrive, and it goes on once there is room', async () => {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'foyer-test', dir]);
      const unmount = leftovers.track(`the disk at ${dir}`, async () => void (await run('umount', ['-l', dir])));
      try {
        await start(join(dir, 'spool'));
        const talk = await beginTalk(foyer, anna);
        const filler = join(dir, 'filler');
        await writeFile(filler, Buffer.alloc(2 * DISK_BYTES)).catch(() => undefined);
        // Longer than what may be left of the page that the spool has.
        const long = (name: string) => numbered(name, 3).map((text) => `${text} ${'x'.repeat(10_000)}`);
        await expectRefused(talk, long('full'));
        await expectNamed('enospc', 3);
        await talk.page.say(talk.chatId, 'Are you there?');
        await until(() => anna.texts(talk.contact).includes('Are you there?'), 'the visitor’s words');

        await rm(filler);
        const texts = long('room again');
        const ids = [];
        for (const text of texts) ids.push(await anna.say(talk.contact, text, { receipt: true }));
        await confirmed(ids.at(-1) ?? '');
        expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', 'Are you there?', ...texts]);
        expect((await spoolOf(foyer)).writeError).to.equal('');
        await foyer.ejabberd.stop();
      } finally {
        await unmount();
      }
    });
  }
});
