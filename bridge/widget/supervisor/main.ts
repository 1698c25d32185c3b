import { Api, Refusal, wordOn } from './api.js';
import { Ask } from './ask.js';
import { Bans } from './bans.js';
import { Board } from './board.js';
import { tick } from './clock.js';
import { byId, make } from './dom.js';
import { Reader } from './reader.js';
import { Search } from './search.js';
import { byKey, keep, resume, SignedOut, type SignedIn } from './sign-in.js';
import { Today } from './today.js';
import type { Overview } from './types.js';

/** The supervisors' page: who is signed in, and what is shown then. */

const NOBODY: SignedIn = {
  ...{ api: new Api({ key: '' }), name: '', rights: { operator: null, manages: () => false, sees: () => false } },
  end: () => Promise.resolve(),
};

let signedIn = NOBODY;
let listening = new AbortController();
const current = (): Api => signedIn.api;
const ask: Ask = new Ask(current, () => void bans.read());
const bans = new Bans(current, (ban) => ask.lift(ban));
const reader = new Reader(current);
const search = new Search(current, (chatId, number) => reader.open(chatId, number));
const today = new Today(current);
const board: Board = new Board(
  {
    watch: ({ id, number }) => reader.open(id, number),
    follow: (chat) => signedIn.rights.operator !== null && ask.follow(chat, signedIn.rights.operator),
    transfer: (chat) => board.overview && ask.transfer(chat, board.overview),
    takeOver: (chat) =>
      board.overview &&
      signedIn.rights.operator !== null &&
      ask.takeOver(chat, signedIn.rights.operator, board.overview),
    decline: (chat) => board.overview && ask.decline(chat, board.overview),
    ban: (chat) => ask.ban(chat),
    close: (chat) => ask.close(chat),
    opening: (department) => ask.opening(department),
    desk: (desk) => ask.desk(desk),
  },
  () => signedIn.rights,
);
const field = byId<HTMLInputElement>('key');
const department = byId<HTMLSelectElement>('department');
const state = byId('state');

/** Back to where one signs in, with nothing left of what was shown. */
function signOut(word: string): void {
  void signedIn.end().catch(() => undefined);
  signedIn = NOBODY;
  listening.abort();
  today.stop();
  ask.cancel();
  reader.close();
  search.clear();
  bans.clear();
  board.clear();
  department.replaceChildren();
  for (const id of ['board', 'out', 'who']) byId(id).hidden = true;
  byId('sign-in').hidden = false;
  byId('word').textContent = word;
  state.textContent = '';
  field.focus();
}

function begin(who: SignedIn, overview: Overview): void {
  signedIn = who;
  field.value = '';
  byId('word').textContent = '';
  byId('sign-in').hidden = true;
  byId('who').textContent = who.name;
  for (const id of ['board', 'out', 'who']) byId(id).hidden = false;
  chooseAmong(overview);
  board.show(overview);
  today.start();
  listen();
}

function listen(): void {
  listening.abort();
  listening = new AbortController();
  const { signal } = listening;
  const heard = {
    whole: (overview: Overview) => {
      if (department.value === '') chooseAmong(overview);
      board.show(overview);
    },
    change: (change: Parameters<Board['change']>[0]) => void board.change(change),
    live,
  };
  signedIn.api.listen(department.value, heard, signal).catch((error: unknown) => {
    if (!signal.aborted) signOut(refused(error));
  });
}

/** To look at one department alone. */
function chooseAmong({ departments }: Overview): void {
  const option = (value: string, name: string) => Object.assign(make('option', '', name), { value });
  department.replaceChildren(option('', 'All'), ...departments.map(({ id, name }) => option(String(id), name)));
  byId('department-part').hidden = departments.length < 2;
}

function live(is: boolean): void {
  state.textContent = is ? '' : 'No connection: this is how it was. Trying again…';
  byId('board').classList.toggle('old', !is);
  if (!is) void refresh();
}

/** A stream ends, too, when other departments are supervised from now on. */
async function refresh(): Promise<void> {
  const who = signedIn;
  const rights = await who.refresh?.().catch(() => null);
  if (!rights || signedIn !== who) return;
  signedIn = { ...who, rights };
  if (department.value === '' || rights.sees(Number(department.value))) return;
  department.value = '';
  listen();
}

/** @param key what was typed, to try it again when the bridge can't say whether it is good */
async function enter(who: SignedIn, key: string | null): Promise<void> {
  try {
    const overview = await who.api.call<Overview>('GET', '/overview');
    if (key !== null) keep(key);
    begin(who, overview);
  } catch (error) {
    if (error instanceof Refusal && error.ofSignIn) return signOut(refused(error));
    byId('sign-in').hidden = false;
    byId('word').textContent = wordOn(error);
    if (key !== null) field.value = key;
  }
}

function refused(error: unknown): string {
  if (!(error instanceof Refusal) || error.status !== 401) return wordOn(error);
  return signedIn.rights.operator === null
    ? 'This key is wrong, has expired or was revoked. Sign in with another.'
    : 'You are signed out: the session is over, or you supervise nothing any more.';
}

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  const key = field.value.trim();
  const who = byKey(key);
  if (who) void enter(who, key);
  else signOut('That is no API key.');
});
byId('out').addEventListener('click', () => signOut(''));
department.addEventListener('change', () => {
  board.restart();
  listen();
});
setInterval(tick, 1000);

async function start(): Promise<void> {
  try {
    const who = await resume();
    if (who) await enter(who, null);
    else signOut('');
  } catch (error) {
    signOut(error instanceof SignedOut ? error.message : wordOn(error));
  }
}
void start();
