import type { OperatorMessage } from '../chats/post-operator-message.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';

/** Characters of an id that are looked at: enough to tell commands apart. */
const ID_LENGTH = 120;

/** Keeps under which stanza id a command came: a client that corrects it (XEP-0308) may well leave the command's mark away. */
export async function rememberCommand(
  tx: Tx,
  operator: Operator,
  { stanzaId }: Pick<OperatorMessage, 'stanzaId'>,
): Promise<void> {
  if (stanzaId !== '') await tx.receipts.remember(sourceOf(operator), idOf(stanzaId));
}

/** Whether this stanza of the operator was a command: what replaces it was never meant for the visitor. */
export async function wasCommand(tx: Tx, operator: Operator, stanzaId: string): Promise<boolean> {
  return (await tx.receipts.known(sourceOf(operator), [idOf(stanzaId)])).size > 0;
}

function sourceOf({ id }: Operator): string {
  return `typed:${id}`;
}

function idOf(stanzaId: string): string {
  return stanzaId.slice(0, ID_LENGTH);
}
