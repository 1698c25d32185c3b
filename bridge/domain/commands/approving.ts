import { changeOperator, lockOperator } from '../operators/change-operator.js';
import { managedBy } from '../operators/departments-of.js';
import { refusal } from '../texts/say.js';
import type { Asker, Option } from './argument.js';
import type { Command } from './command.js';
import { operatorNames, takeName } from './parse-command.js';

/** The command that lets an operator take chats, or the one that doesn't any more. */
export function approving(word: 'approve' | 'unapprove', approved: boolean): Command {
  return {
    word,
    usage: 'operator',
    args: [
      {
        name: 'operator',
        label: 'arg_operator',
        type: 'choice',
        required: true,
        none: 'nobody_there',
        options: colleagues,
      },
    ],
    help: `help_${word}`,
    who: 'managers',
    async run({ tx, operator, rest }) {
      const others = (await tx.queue.operators(operator.instanceId)).filter(({ id }) => id !== operator.id);
      const found = takeName(
        rest,
        others.flatMap((one) => operatorNames(one, one)),
      );
      if (!found) return refusal('no_operator', { name: rest });
      const { id, name } = found.value;
      const managed = new Set(await managedBy(tx, operator));
      if (!operator.manager && !(await tx.operators.departments(id)).some((one) => managed.has(one)))
        return refusal('not_your_operator', { name });
      await changeOperator(tx, await lockOperator(tx, operator.instanceId, id), { approved });
      tx.audit.add({
        ...{ instanceId: operator.instanceId, actor: `operator:${operator.id}`, action: 'operator.change' },
        ...{ subject: `operator:${id}`, details: { approved } },
      });
      return { key: approved ? 'approved_one' : 'unapproved_one', values: { name } };
    },
  };
}

/** Those of the instance beside the one who asks, by addresses that are nobody else's. */
async function colleagues({ tx, operator }: Asker): Promise<Option[]> {
  const others = (await tx.queue.operators(operator.instanceId)).filter(({ id }) => id !== operator.id);
  return others.map(({ jid, name }) => ({ value: jid, label: name }));
}
