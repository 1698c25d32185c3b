import { FoyerError } from '../../../shared/errors.js';
import { addNote, NOTE_LENGTH } from '../../transcripts/annotations.js';
import { refusal } from '../../texts/say.js';
import { anyChat } from '../chat-argument.js';
import { chooseChat } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'note',
  usage: 'text',
  args: [anyChat, { name: 'text', label: 'arg_note', type: 'text', required: true, longest: NOTE_LENGTH }],
  help: 'help_note',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    const chosen = await chooseChat(call, 'note', () => tx.operators.openChats(operator.id));
    if ('text' in chosen) return chosen.text;
    const { chat, rest } = chosen;
    const values = { number: chat.number };
    if (chat.instanceId !== operator.instanceId) return refusal('no_such_chat', values);
    if (rest === '' || rest.length > NOTE_LENGTH) return refusal('note_usage');
    try {
      await addNote(tx, chat, operator, rest);
    } catch (error) {
      if (error instanceof FoyerError) return refusal('too_many', values);
      throw error;
    }
    return { key: 'noted', values };
  },
};
