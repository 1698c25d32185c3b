import type { Answers, Picture, Session } from '../core/session.js';
import type { Question, Visit } from '../core/types.js';
import type { Strings } from '../protocol.js';
import type { Composer } from './composer.js';
import { addStyle, element } from './page.js';
import { createTakeBack } from './take-back.js';

const STYLE = `
#questions { max-height: 50vh; margin: 0 0 8px; padding: 2px; border: 0; min-width: 0; overflow: auto }
#questions legend { padding: 0; font-weight: 600 }
#questions p:not(:empty) { color: var(--alert); font-size: 13px }
#questions label { display: block; margin-top: 10px; font-size: 14px }
#questions .ticked { display: flex; gap: 8px; align-items: flex-start }
#questions label > :is(input, select, textarea) { display: block; width: 100%; max-height: none; margin-top: 3px;
  padding: 9px 14px; border: 1px solid var(--muted); border-radius: 12px; background: var(--surface); color: inherit;
  font: 16px/20px system-ui, sans-serif }
#questions .ticked > input { flex: none; width: 20px; height: 20px; margin: 0; accent-color: var(--accent) }
#questions label > :focus { border-color: var(--accent); outline: 1px solid var(--accent) }
#questions .optional { color: var(--muted) }
.peek #questions { display: none }`;

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export interface QuestionsOptions {
  session: Session;
  strings: Strings;
  language: string;
  nick: string | undefined;
  composer: Composer;
  /** Something other than the session has changed. */
  onChange(): void;
}

export interface Questions {
  /** Shows the desk's questions above the field, or takes them away. */
  render(picture: Picture): void;
  /** True when an answer is missing: the text stays in the field. */
  holds(): boolean;
}

/** What the desk asks before a chat. The first message goes with the answers; what was typed stays whatever becomes of it. */
export function createQuestions({ session, strings, language, nick, composer, onChange }: QuestionsOptions): Questions {
  const form = element('fieldset', '');
  const problem = element('p', '');
  /** What was put into fields, by the questions' keys. */
  const typed = new Map<string, string | boolean>();
  const fields = new Map<string, Field>();
  let shown = '';
  const takeBack = createTakeBack(session, composer, 'answers_refused');

  addStyle(STYLE);
  form.id = 'questions';
  problem.role = 'status';
  composer.form.prepend(form);
  form.addEventListener('input', () => {
    for (const [key, field] of fields) typed.set(key, valueOf(field));
  });

  /** The questions have changed since the page was viewed. */
  async function askAnew(): Promise<void> {
    session.answer(undefined);
    const { desk } = session.picture();
    const visit = await session.call<Visit>('visits', { desk: desk.key, language }).catch(() => null);
    if (!visit) return;
    Object.assign(desk, visit.desk);
    shown = '';
    problem.textContent = strings.lookAgain;
    onChange();
  }

  function build(questions: Question[]): void {
    fields.clear();
    form.replaceChildren(element('legend', '', strings.before), problem);
    for (const question of questions) {
      const field = fieldOf(question);
      const before = typed.get(question.key) ?? (question.kind === 'name' ? nick : undefined);
      if (field instanceof HTMLInputElement && field.type === 'checkbox') field.checked = before === true;
      else if (typeof before === 'string') field.value = before;
      fields.set(question.key, field);
      form.append(labelled(question, field, strings));
    }
  }

  return {
    render({ desk, chat, unsent }) {
      if (takeBack(unsent)) void askAnew();
      const asked = (desk.open && !chat && !unsent.some(({ failed }) => !failed) && desk.questions) || [];
      form.hidden = form.disabled = asked.length === 0;
      if (chat) {
        typed.clear();
        problem.textContent = '';
      }
      const now = JSON.stringify(asked);
      if (now === shown) return;
      shown = now;
      build(asked);
    },
    holds() {
      if (form.hidden) return false;
      if (!composer.form.reportValidity()) return true;
      const given: Answers = {};
      for (const [key, field] of fields) {
        const value = valueOf(field);
        if (value) given[key] = value;
      }
      session.answer(given);
      return false;
    },
  };
}

function fieldOf({ kind, choices, required, max_length: most }: Question): Field {
  if (kind === 'topic' || kind === 'choice') {
    const field = element('select', '');
    field.required = required;
    field.append(new Option('', ''), ...choices.map(({ value, label }) => new Option(label, value)));
    return field;
  }
  if (kind === 'long_text') {
    return Object.assign(element('textarea', ''), { required, maxLength: most, rows: 3, dir: 'auto' });
  }
  const field = Object.assign(element('input', ''), { required });
  if (kind === 'consent') return Object.assign(field, { type: 'checkbox' });
  if (kind !== 'text') field.autocomplete = kind;
  // As strict as the bridge: an address has a domain, and spaces alone are no answer.
  field.pattern = kind === 'email' ? '\\S+@\\S+\\.\\S+' : '.*\\S.*';
  return Object.assign(field, { type: kind === 'email' ? 'email' : 'text', maxLength: most, dir: 'auto' });
}

function labelled({ kind, label, required }: Question, field: Field, strings: Strings): HTMLLabelElement {
  const place = element('label', kind === 'consent' ? 'ticked' : '');
  const words = element('span', '', label);
  words.dir = 'auto';
  place.append(words);
  if (!required) words.append(element('span', 'optional', ` (${strings.optional})`));
  if (kind === 'consent') place.prepend(field);
  else place.append(field);
  return place;
}

function valueOf(field: Field): string | boolean {
  return field instanceof HTMLInputElement && field.type === 'checkbox' ? field.checked : field.value;
}
