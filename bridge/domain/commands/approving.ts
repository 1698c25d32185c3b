import { changeOperator, lockOperator } from '../operators/change-operator.js';
import { managedBy } from '../operators/departments-of.js';
import type { Command } from './command.js';
import { operatorNames, takeName } from './parse-command.js';

/** The command that lets an operator take chats, or the one that doesn't any more. */
export function approving(word: 'approve' | 'unapprove', approved: boolean): Command {
  return {
    word,
    usage: 'operator',
    help: `help_${word}`,
    who: 'managers',
    async run({ tx, operator, rest }) {
      const others = (await tx.queue.operators(operator.instanceId)).filter(({ id }) => id !== operator.id);
      const found = takeName(
        rest,
        others.flatMap((one) => operatorNames(one, one)),
      );
      if (!found) return { key: 'no_operator', values: { name: rest } };
      const { id, name } = found.value;
      const managed = new Set(await managedBy(tx, operator));
      if (!operator.manager && !(await tx.operators.departments(id)).some((one) => managed.has(one)))
        return { key: 'not_your_operator', values: { name } };
      await changeOperator(tx, await lockOperator(tx, operator.instanceId, id), { approved });
      tx.audit.add({
        ...{ instanceId: operator.instanceId, actor: `operator:${operator.id}`, action: 'operator.change' },
        ...{ subject: `operator:${id}`, details: { approved } },
      });
      return { key: approved ? 'approved_one' : 'unapproved_one', values: { name } };
    },
  };
}
