import fc from 'fast-check';
import { STRATEGIES } from '../../../bridge/domain/queue/department.js';
import { run } from '../../../bridge/storage/pool.js';
import { addOperator } from '../chats/people.js';
import { Store } from '../storage/store.js';
import { SKILL, steps } from './commands.js';
import { atRest, newDispatcher, type Model, type Real } from './model.js';

/** Random lives of a department, against what a person would expect of it. */
describe('the queue, whatever happens in whatever order', () => {
  for (const strategy of STRATEGIES) {
    it(`with the strategy ${strategy}: one owner, no operator over the limit, no lost offer, places without gaps, nobody waits beside a free operator`, async function () {
      this.timeout(180_000);
      await fc.assert(
        fc.asyncProperty(fc.commands(steps, { maxCommands: 30, size: 'max' }), async (commands) => {
          const store = await Store.open();
          try {
            await run(store.pool, 'UPDATE departments SET strategy = ?, offer_seconds = ?', [
              strategy,
              strategy === 'one' ? 300 : null,
            ]);
            const operators = [];
            for (const name of ['anna', 'bert', 'cora'])
              operators.push({ ...(await addOperator(store, name)), maxChats: 1 });
            await run(store.pool, 'UPDATE operator_departments SET priority = 2 WHERE operator_id = 3');
            await run(store.pool, 'UPDATE operators SET skills = ? WHERE id <> 2', [JSON.stringify([SKILL])]);
            await run(store.pool, 'UPDATE operators SET max_chats = 1');
            const processes = [store.transactions, store.newTransactions(store.newPool())];
            const real: Real = { store, processes, operators, dispatcher: newDispatcher(store, store.transactions) };
            const model: Model = {
              strategy,
              chats: new Map(),
              operators: new Map(
                operators.map(({ id }) => [
                  id,
                  {
                    ...{ show: 'available', limit: 1, paused: false, approved: true },
                    ...{ skilled: id !== 2, first: id !== 3 },
                  },
                ]),
              ),
            };
            await fc.asyncModelRun(() => ({ model, real }), commands);
            await atRest(model, real);
            await real.dispatcher.stop();
          } finally {
            await store.close();
          }
        }),
        { numRuns: 8, interruptAfterTimeLimit: 90_000 },
      );
    });
  }
});
