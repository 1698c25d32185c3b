import { FoyerError } from '../../../shared/errors.js';
import type { Operator } from '../../operators/operator.js';
import type { Department } from '../../queue/department.js';
import { transferToDepartment, transferToOperator } from '../../queue/transfer.js';
import { chooseOwn } from '../choose-chat.js';
import type { Answer, Call, Command } from '../command.js';
import { operatorNames, takeName } from '../parse-command.js';

export const command: Command = {
  word: 'transfer',
  usage: 'operator|department [note]',
  help: 'help_transfer',
  who: 'operators',
  run: transfer,
};

type Target = { operator: Operator } | { department: Department };

async function transfer(call: Call): Promise<Answer> {
  const { tx, operator } = call;
  const chosen = await chooseOwn(call, 'transfer');
  if ('text' in chosen) return chosen.text;
  const { chat } = chosen;
  const found = takeName(chosen.rest, await targets(call));
  if (!found) return { key: 'no_target', values: { name: chosen.rest } };
  const handover = { from: operator.name, note: found.rest.slice(0, 1000) };
  const { value: target } = found;
  const name = 'operator' in target ? target.operator.name : target.department.name;
  try {
    if ('department' in target) await transferToDepartment(tx, chat, target.department, handover);
    else await transferToOperator(tx, chat, target.operator, handover);
  } catch (error) {
    if (!(error instanceof FoyerError)) throw error;
    if (error.code === 'operator_absent') return { key: 'target_absent', values: { name } };
    return error.code === 'operator_full'
      ? { key: 'target_full', values: { name } }
      : { key: 'no_target', values: { name } };
  }
  return { key: 'operator' in target ? 'transfer_begun' : 'transferred', values: { number: chat.number, name } };
}

/** Whom a chat can be given to, by every name that people know them by. */
async function targets({ tx, operator }: Call): Promise<{ name: string; value: Target }[]> {
  const operators = (await tx.queue.operators(operator.instanceId)).filter(({ id }) => id !== operator.id);
  const departments = await tx.queue.departments(operator.instanceId);
  return [
    ...departments.map((department) => ({ name: department.name, value: { department } })),
    ...operators.flatMap((one) => operatorNames(one, { operator: one })),
  ];
}
