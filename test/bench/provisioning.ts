import { randomBytes } from 'node:crypto';
import { rows } from '../../bridge/storage/pool.js';
import { until } from '../support/until.js';
import type { Bench } from './support/bench.js';
import type { BenchFoyer } from './support/bench-foyer.js';
import { median } from './support/figures.js';
import { newAccounts, rawRegister } from './raw.js';

const TARGET = { atLeastOfRaw: 0.8 };
/** Enough for the just-in-time compilers, and for the roster group to be there. */
const WARM_UP = 300;

/**
 * ejabberd's own `register` against Foyer's provisioning: from the moment that the accounts wait in the outbox until each has its vCard name and its place in
 * the operators' roster, and the record has it as ready.
 */
export async function provisioning({ foyer, sizes, newRun, report }: Bench): Promise<void> {
  const [raw, ours]: [number[], number[]] = [[], []];
  await provision(foyer, WARM_UP);
  for (let round = 0; round < sizes.rounds; round += 1) {
    raw.push(await rawRegister(foyer.ejabberd, newAccounts(newRun(), sizes.accounts)));
    ours.push(await provision(foyer, sizes.accounts));
  }
  const measure = 'provisioning';
  report({ measure, what: 'register, 32 connections', value: median(raw), unit: '/s' });
  const what = 'outbox to ready, with vCard and roster';
  report({ measure, what, value: median(ours), unit: '/s', raw: median(raw), target: TARGET });
  await foyer.operators(1);
  const watched: number[] = [];
  for (let round = 0; round < sizes.rounds; round += 1)
    watched.push(await provision(foyer, Math.round(sizes.accounts / 4)));
  // ejabberd shows each new contact to the operator, which no plain registration does.
  report({ measure, what: `${what}, an operator online`, value: median(watched), unit: '/s', raw: median(raw) });
}

/** @returns accounts a second */
export async function provision(foyer: BenchFoyer, count: number): Promise<number> {
  // Far from the ids of visitors that pages make.
  const [row] = await rows(foyer.pool, 'SELECT IFNULL(MAX(id), 0) + 1000000000 AS first FROM accounts');
  const first = Number(row?.['first']);
  await foyer.core.transactions.alone(async (tx) => {
    for (let i = 0; i < count; i += 1) {
      const account = await tx.accounts.create({
        ...{ instanceId: 1, kind: 'visitor', local: `visitor.${first + i}`, host: foyer.ejabberd.host },
        ...{
          name: `Visitor ${i} · /pricing`,
          rosterGroup: 'visitors',
          password: randomBytes(12).toString('base64url'),
        },
      });
      tx.outbox.toAccount(account, { kind: 'account.provision' });
    }
  });
  const started = performance.now();
  // Any commit of the bridge's own makes it look at the outbox now and not at its next round.
  await foyer.visit('');
  const wanted = "SELECT 1 FROM accounts WHERE kind = 'visitor' AND state = 'wanted' LIMIT 1";
  await until(async () => (await rows(foyer.pool, wanted)).length === 0, `${count} accounts`, 120);
  return count / ((performance.now() - started) / 1000);
}
