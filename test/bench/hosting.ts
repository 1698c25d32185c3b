import { randomBytes } from 'node:crypto';
import { ensureVisitorAccount } from '../../bridge/domain/accounts/ensure-account.js';
import { setUpInstance } from '../../bridge/domain/instances/set-up-instance.js';
import { createOperator } from '../../bridge/domain/operators/create-operator.js';
import { hashSecret } from '../../bridge/storage/credentials.js';
import { rows } from '../../bridge/storage/pool.js';
import { until } from '../support/until.js';
import type { Bench } from './support/bench.js';
import { median } from './support/figures.js';

const INSTANCES = 200;

/** Instances of one ejabberd, each with its roster groups, an operator and a visitor: until all of their accounts are ready. */
export async function hosting({ foyer, sizes, newRun, report }: Bench): Promise<void> {
  const seconds: number[] = [];
  for (let round = 0; round < sizes.rounds; round += 1) {
    const started = performance.now();
    for (let i = 0; i < INSTANCES; i += 1) await setUp(foyer, `${newRun()}-${i}`);
    await foyer.visit('');
    const wanted = "SELECT 1 FROM accounts WHERE state = 'wanted' LIMIT 1";
    await until(async () => (await rows(foyer.pool, wanted)).length === 0, `${INSTANCES} instances`, 120);
    seconds.push((performance.now() - started) / 1000);
  }
  report({ measure: 'hosting', what: `${INSTANCES} instances set up`, value: median(seconds), unit: 's' });
}

async function setUp({ core, ejabberd }: Bench['foyer'], name: string): Promise<void> {
  const { host } = ejabberd;
  await core.transactions.alone(async (tx) => {
    const instance = await setUpInstance(tx, {
      wanted: { name, displayName: name, host },
      ...{ hosts: [host], actor: 'bench', apiKey: `foyer_${randomBytes(32).toString('base64url')}` },
      ...{ hashKey: hashSecret, callback: null },
    });
    const operator = { username: 'anna', name: 'Anna', password: randomBytes(12).toString('base64url'), maxChats: 4 };
    await createOperator(tx, instance, new Set(), { ...operator, departmentIds: [] });
    const visitor = await tx.visitors.create({ instanceId: instance.id, deskId: null, externalId: '7' });
    await ensureVisitorAccount(tx, instance, visitor);
  });
}
