import type { Api } from '../core/api.js';
import { fill } from '../core/fill.js';
import type { Picture } from '../core/session.js';
import type { Strings } from '../protocol.js';
import { addStyle, byId, element, say } from './page.js';

const BEST = 5;
const STYLE = `
#rating { padding-bottom: 8px }
.star { min-width: 44px; min-height: 44px; font-size: 26px; color: var(--muted) }
.star.lit { color: var(--accent) }
#rating:not(.rated) .row { display: none }`;

let form: HTMLFormElement | undefined;
let chat = 0;
let score = 0;

/**
 * Asks how the chat was, where the desk wants that: a number of stars counts at once, words may follow. The newest answer counts, and every tab shows
 * what the bridge has.
 */
export function renderRating(picture: Picture, strings: Strings, call: Api['call']): void {
  const over = picture.desk.ask_rating && picture.chat?.state === 'closed' ? picture.chat : null;
  if (!over && !form) return;
  form ??= createForm(strings, (words) => {
    void call(`chats/${chat}/rating`, { score, words }).catch(() => undefined);
  });
  if (over && over.id !== chat) {
    chat = over.id;
    score = 0;
    form.reset();
    form.querySelector('.row')?.removeAttribute('hidden');
  }
  score = over?.rating ?? score;
  form.hidden = !over;
  form.className = score ? 'rated' : '';
  say('rating-text', score ? strings.rated : strings.rate);
  form.querySelectorAll('.star').forEach((star, i) => {
    star.ariaPressed = String(i + 1 === score);
    star.classList.toggle('lit', i < score);
  });
}

function createForm(strings: Strings, send: (words: string) => void): HTMLFormElement {
  addStyle(STYLE);
  const made = element('form', '');
  made.id = 'rating';
  const question = element('p', '');
  question.id = 'rating-text';
  question.role = 'status';
  const stars = element('div', '');
  stars.role = 'group';
  stars.setAttribute('aria-labelledby', question.id);
  const words = element('textarea', '');
  Object.assign(words, { id: 'words', rows: 1, dir: 'auto', maxLength: 2000, placeholder: strings.words });
  words.ariaLabel = strings.words;
  const row = element('div', 'row');
  row.append(words, element('button', 'quiet', strings.tell));
  for (let n = 1; n <= BEST; n += 1) {
    const star = element('button', 'star', '★');
    star.type = 'button';
    star.ariaLabel = fill(strings.stars, { n });
    star.onclick = () => {
      score = n;
      send(words.value);
    };
    stars.append(star);
  }
  made.onsubmit = (event) => {
    event.preventDefault();
    send(words.value);
    row.hidden = true;
  };
  made.append(question, stars, row);
  byId('over').before(made);
  return made;
}
