import { NOTE_LENGTH } from '../../transcripts/annotations.js';
import { whisper } from '../../supervision/whisper.js';
import { joinedChat } from '../chat-argument.js';
import { withOthersChat } from '../others-chat.js';
import type { Call, Command } from '../command.js';

export const command: Command = {
  word: 'whisper',
  usage: '[number] text',
  args: [joinedChat, { name: 'text', label: 'arg_whisper', type: 'text', required: true, longest: NOTE_LENGTH }],
  help: 'help_whisper',
  who: 'operators',
  run: (call) =>
    withOthersChat(withoutOthersNumber(call), 'whisper', ['own', 'watched'], async (chat, text) => {
      const { senderKey, stanzaId, replaces } = call.sent;
      await whisper(call.tx, chat, call.operator, { text, senderKey, stanzaId, replaces });
      return { key: 'whisper_sent', values: { number: chat.number } };
    }),
};

/** In a contact's window a text may well begin with a number: there it names a chat only as `#3`, or where it is that contact's. */
function withoutOthersNumber(call: Call): Call {
  if (!call.chat || call.rest.startsWith('#')) return call;
  const [, digits] = /^(\d{1,9})\s/.exec(call.rest) ?? [];
  return Number(digits) === call.chat.number ? call : { ...call, rest: `#${call.chat.number} ${call.rest}` };
}
