import { Api, Refusal, wordOn } from './api.js';
import { Ask } from './ask.js';
import { Board } from './board.js';
import { tick } from './clock.js';
import { byId } from './dom.js';
import { Reader } from './reader.js';
import { Search } from './search.js';
import { Today } from './today.js';
import type { Overview } from './types.js';

/** The supervisors' page. The key is in this tab's storage and in the header of each call, and nowhere else. */

const KEPT = 'foyer-supervisor-key';
const KEY = /^[\x21-\x7e]{1,200}$/;

let api = new Api('');
let listening = new AbortController();
const current = (): Api => api;
const ask = new Ask(current);
const reader = new Reader(current);
const search = new Search(current, (chatId, number) => reader.open(chatId, number));
const today = new Today(current);
const board: Board = new Board({
  read: ({ id, number }) => reader.open(id, number),
  transfer: (chat) => board.overview && ask.transfer(chat, board.overview),
  close: (chat) => ask.close(chat),
  decline: (chat) => board.overview && ask.decline(chat, board.overview),
});
const field = byId<HTMLInputElement>('key');
const state = byId('state');

/** Back to where one signs in, with nothing left of what was shown. */
function signOut(word: string): void {
  sessionStorage.removeItem(KEPT);
  api = new Api('');
  listening.abort();
  today.stop();
  ask.cancel();
  reader.close();
  search.clear();
  board.clear();
  byId('board').hidden = true;
  byId('out').hidden = true;
  byId('sign-in').hidden = false;
  byId('word').textContent = word;
  state.textContent = '';
  field.focus();
}

function begin(key: string, overview: Overview): void {
  sessionStorage.setItem(KEPT, key);
  field.value = '';
  byId('word').textContent = '';
  byId('sign-in').hidden = true;
  byId('out').hidden = false;
  byId('board').hidden = false;
  show(overview);
  today.start();
  listening.abort();
  listening = new AbortController();
  const { signal } = listening;
  api.listen(show, live, signal).catch((error: unknown) => {
    if (!signal.aborted) signOut(refused(error));
  });
}

function show(overview: Overview): void {
  board.show(overview);
  reader.follow(overview);
}

function live(is: boolean): void {
  state.textContent = is ? '' : 'No connection: this is how it was. Trying again…';
  byId('board').classList.toggle('old', !is);
}

async function signIn(key: string): Promise<void> {
  if (!KEY.test(key)) return signOut('That is no API key.');
  api = new Api(key);
  try {
    begin(key, await api.call<Overview>('GET', '/overview'));
  } catch (error) {
    if (error instanceof Refusal && error.ofKey) return signOut(refused(error));
    // The key may be good, and is there to be tried again.
    byId('sign-in').hidden = false;
    byId('word').textContent = wordOn(error);
    field.value = key;
  }
}

function refused(error: unknown): string {
  if (error instanceof Refusal && error.status === 401)
    return 'This key is wrong, has expired or was revoked. Sign in with another.';
  return wordOn(error);
}

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  void signIn(field.value.trim());
});
byId('out').addEventListener('click', () => signOut(''));
setInterval(tick, 1000);

const kept = sessionStorage.getItem(KEPT);
if (kept === null) signOut('');
else void signIn(kept);
