import { FoyerError } from '../../../shared/errors.js';
import { normalTag, setTags, TAG_LENGTH } from '../../transcripts/annotations.js';
import { chooseChat } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'tag',
  usage: 'word -word',
  help: 'help_tag',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    const chosen = await chooseChat(call, 'tag', () => tx.operators.openChats(operator.id));
    if ('text' in chosen) return chosen.text;
    const { chat, rest } = chosen;
    const { number } = chat;
    if (chat.instanceId !== operator.instanceId) return { key: 'no_such_chat', values: { number } };
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
      if (error instanceof FoyerError) return { key: 'too_many', values: { number } };
      throw error;
    }
  },
};
