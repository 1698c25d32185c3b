import { cut } from '../../shared/text.js';
import { notifyOperator } from '../chats/notify-operator.js';
import type { Instance } from '../instances/instance.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import type { OfflineMessage } from './offline-message.js';

const TEXT_LENGTH = 500;
const LINE_LENGTH = 100;
/** Messages of which the notice at a login has a line. */
const LINES = 5;

/** Operators of the department who are there hear of a message at once, from the service account. */
export async function tellOperators(tx: Tx, { host }: Instance, message: OfflineMessage): Promise<void> {
  const service = await tx.accounts.service(host);
  const operators = service ? await tx.operators.online(message.departmentId) : [];
  if (!service || operators.length === 0) return;
  const { name, email, pageUrl, text } = message;
  const values = { name, email, page: pageUrl ?? '-' };
  for (const operator of operators)
    notifyOperator(tx, service, operator, { key: 'offline_left', values }, undefined, cut(text, TEXT_LENGTH));
  await tx.offlineMessages.told(
    operators.map(({ id }) => id),
    message.id,
  );
}

/** Who comes online hears how many were left for its departments since it was last told, and reads the first words of a few. */
export async function tellMissed(tx: Tx, operator: Operator): Promise<void> {
  const { count, since, newest, lastId } = await tx.offlineMessages.untold(operator.id, LINES);
  if (count === 0 || since === null) return;
  const service = await tx.accounts.service(operator.jid.slice(operator.jid.indexOf('@') + 1));
  if (!service) return;
  const at = `${since.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const line = ({ name, email, text }: OfflineMessage) =>
    `${name} <${email}>: ${cut(text.replaceAll('\n', ' '), LINE_LENGTH)}`;
  const lines = [...newest.map(line), ...(count > newest.length ? ['…'] : [])].join('\n');
  notifyOperator(tx, service, operator, { key: 'offline_missed', values: { count, since: at } }, undefined, lines);
  tx.offlineMessages.toldAll(operator.id, lastId);
}
