import { FoyerError } from '../../../shared/errors.js';
import { normalTag, setTags, TAG_LENGTH } from '../../transcripts/annotations.js';
import { refusal } from '../../texts/say.js';
import { anyChat } from '../chat-argument.js';
import { chooseChat } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'tag',
  usage: 'word -word',
  args: [anyChat, { name: 'tags', label: 'arg_tags', type: 'line', required: true, longest: 1000 }],
  help: 'help_tag',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    const chosen = await chooseChat(call, 'tag', () => tx.operators.openChats(operator.id));
    if ('text' in chosen) return chosen.text;
    const { chat, rest } = chosen;
    const { number } = chat;
    if (chat.instanceId !== operator.instanceId) return refusal('no_such_chat', { number });
    const tags = new Set(await tx.transcripts.tags(chat.id));
    for (const typed of rest.split(/[\s,]+/).filter((word) => word !== '' && word.length <= TAG_LENGTH)) {
      if (typed.startsWith('-')) tags.delete(normalTag(typed.slice(1)));
      else tags.add(normalTag(typed));
    }
    try {
      const now = await setTags(tx, chat, [...tags]);
      return now.length === 0
        ? { key: 'no_tags', values: { number } }
        : { key: 'tagged', values: { number, tags: now.join(', ') } };
    } catch (error) {
      if (error instanceof FoyerError) return refusal('too_many', { number });
      throw error;
    }
  },
};
