import { FoyerError } from '../../../shared/errors.js';
import type { Operator } from '../../operators/operator.js';
import type { Department } from '../../queue/department.js';
import { transferToDepartment, transferToOperator } from '../../queue/transfer.js';
import { refusal } from '../../texts/say.js';
import { ownChat } from '../chat-argument.js';
import { chooseOwn } from '../choose-chat.js';
import type { Asker, Option } from '../argument.js';
import type { Answer, Call, Command } from '../command.js';
import { operatorNames, takeName } from '../parse-command.js';

/** Characters. */
const NOTE_LENGTH = 1000;

export const command: Command = {
  word: 'transfer',
  usage: 'operator|department [note]',
  args: [
    ownChat,
    { name: 'to', label: 'arg_to', type: 'choice', required: true, none: 'nobody_there', options: choices },
    { name: 'note', label: 'arg_private_note', type: 'text', required: false, longest: NOTE_LENGTH },
  ],
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
  if (!found) return refusal('no_target', { name: chosen.rest });
  const handover = { from: operator.name, note: found.rest.slice(0, NOTE_LENGTH) };
  const { value: target } = found;
  const name = 'operator' in target ? target.operator.name : target.department.name;
  try {
    if ('department' in target) await transferToDepartment(tx, chat, target.department, handover);
    else {
      const became = await transferToOperator(tx, chat, target.operator, handover);
      if (became === 'given') return { key: 'is_anothers', values: { number: chat.number, name } };
      if (became === 'queued') return { key: 'target_absent_queued', values: { number: chat.number, name } };
    }
  } catch (error) {
    if (!(error instanceof FoyerError)) throw error;
    if (error.code === 'operator_absent') return refusal('target_absent', { name });
    return refusal(error.code === 'operator_full' ? 'target_full' : 'no_target', { name });
  }
  return { key: 'operator' in target ? 'transfer_begun' : 'transferred', values: { number: chat.number, name } };
}

/** Whom a chat can be given to, by every name that people know them by. */
async function targets({ tx, operator }: Asker): Promise<{ name: string; value: Target }[]> {
  const operators = (await tx.queue.operators(operator.instanceId)).filter(({ id }) => id !== operator.id);
  const departments = await tx.queue.departments(operator.instanceId);
  return [
    ...departments.map((department) => ({ name: department.name, value: { department } })),
    ...operators.flatMap((one) => operatorNames(one, { operator: one })),
  ];
}

/** The same for a form: one name each that can't be anybody else's. */
async function choices(asker: Asker): Promise<Option[]> {
  return (await targets(asker)).flatMap(({ name, value }) =>
    'department' in value
      ? [{ value: name, label: name }]
      : name === value.operator.jid
        ? [{ value: name, label: value.operator.name }]
        : [],
  );
}
