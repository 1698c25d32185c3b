import { FoyerError } from '../../../shared/errors.js';
import { addNote, NOTE_LENGTH } from '../../transcripts/annotations.js';
import { chooseChat } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'note',
  usage: 'text',
  help: 'help_note',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    const chosen = await chooseChat(call, 'note', () => tx.operators.openChats(operator.id));
    if ('text' in chosen) return chosen.text;
    const { chat, rest } = chosen;
    const values = { number: chat.number };
    if (chat.instanceId !== operator.instanceId) return { key: 'no_such_chat', values };
    if (rest === '' || rest.length > NOTE_LENGTH) return { key: 'note_usage' };
    try {
      await addNote(tx, chat, operator, rest);
    } catch (error) {
      if (error instanceof FoyerError) return { key: 'too_many', values };
      throw error;
    }
    return { key: 'noted', values };
  },
};
