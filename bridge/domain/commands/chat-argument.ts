import type { Chat } from '../chats/chat.js';
import { visitorOf } from '../queue/give.js';
import { supervisedBy } from '../supervision/supervised-by.js';
import type { Argument, Asker, Option } from './argument.js';

/** More can't be looked through in a form. */
const OPTIONS_AT_MOST = 50;

const CHAT = { name: 'chat', label: 'arg_chat', type: 'chat', required: true, none: 'no_chat' } as const;

/** One of the operator's own. */
export const ownChat: Argument = { ...CHAT, options: async (asker) => describe(asker, await own(asker)) };

/** One that nobody has, those first that the operator is asked about. */
export const offeredChat: Argument = { ...CHAT, options: async (asker) => describe(asker, await offered(asker)) };

/** Any that the operator has to do with, its own first. */
export const anyChat: Argument = {
  ...CHAT,
  options: async (asker) => describe(asker, [...(await own(asker)), ...(await offered(asker))]),
};

/** Any that goes on in a department that the operator supervises. */
export const liveChat: Argument = {
  ...CHAT,
  options: async (asker) => {
    const { tx, operator } = asker;
    return describe(
      asker,
      await tx.supervision.liveChats([...(await supervisedBy(tx, operator)).keys()], OPTIONS_AT_MOST),
    );
  },
};

/** Those that the operator watches, and its own. */
export const joinedChat: Argument = {
  ...CHAT,
  options: async (asker) => {
    const watched = await locked(asker.tx, await asker.tx.supervision.watchedBy(asker.operator.id));
    return describe(asker, [...watched, ...(await own(asker))]);
  },
};

async function own({ tx, operator }: Asker): Promise<Chat[]> {
  return locked(tx, await tx.operators.openChats(operator.id));
}

async function offered({ tx, operator }: Asker): Promise<Chat[]> {
  const asked = await locked(
    tx,
    (await tx.queue.offersTo(operator.id)).map(({ chatId }) => chatId),
  );
  const waiting = await tx.queue.unowned(await tx.operators.departments(operator.id), OPTIONS_AT_MOST);
  return [...asked, ...waiting.filter(({ id }) => asked.every((chat) => chat.id !== id))];
}

async function locked(tx: Asker['tx'], ids: readonly number[]): Promise<Chat[]> {
  const chats: Chat[] = [];
  await tx.chats.lockMany(ids.slice(0, OPTIONS_AT_MOST));
  for (const id of ids.slice(0, OPTIONS_AT_MOST)) {
    const chat = await tx.chats.lock(id);
    if (chat) chats.push(chat);
  }
  return chats;
}

async function describe({ tx }: Asker, chats: readonly Chat[]): Promise<Option[]> {
  const options: Option[] = [];
  for (const chat of chats.slice(0, OPTIONS_AT_MOST)) {
    const values = { number: chat.number, visitor: await visitorOf(tx, chat) };
    options.push({ value: String(chat.number), label: { key: 'chat_line', values } });
  }
  return options;
}
