import type { Api } from '../core/api.js';
import { newId } from '../core/new-id.js';
import type { Picture } from '../core/session.js';
import type { Strings } from '../protocol.js';
import { addStyle, byId, element } from './page.js';

const STYLE = `
#mail .row { display: flex; gap: 8px; margin: 8px 0 }
#mail input { flex: 1; min-width: 0; padding: 9px 14px; border: 1px solid var(--muted); border-radius: 20px;
  background: none; color: inherit; font: 16px/20px system-ui, sans-serif }
#mail input:focus { border-color: var(--accent); outline: 1px solid var(--accent) }
#go-on { display: block; padding: 8px 0; color: var(--accent) }`;

let form: HTMLFormElement | undefined;
let link: HTMLAnchorElement | undefined;
let styled = false;
let chat = 0;

/** What a visitor can do when the chat is over or nobody is there: have the conversation by mail, where an operator answered, or go on at another page. */
export function renderAfterwards(
  { chat: last, desk }: Picture,
  over: boolean,
  strings: Strings,
  call: Api['call'],
): void {
  if (!styled) addStyle(STYLE);
  styled = true;
  const mailed = over && desk.mail && last?.state === 'closed' && last.operator ? last : null;
  if (mailed || form) {
    form ??= createForm(strings, call);
    form.hidden = !mailed;
    if (mailed && mailed.id !== chat) {
      chat = mailed.id;
      form.className = '';
      form.querySelector('p')?.replaceChildren(strings.mailMe);
    }
  }
  const address = (over && last?.follow_up) || (!desk.open && desk.follow_up) || '';
  if (!address && !link) return;
  link ??= createLink(strings);
  link.hidden = !address;
  if (address) link.href = address;
}

function createForm(strings: Strings, call: Api['call']): HTMLFormElement {
  const made = element('form', '');
  made.id = 'mail';
  const said = element('p', '', strings.mailMe);
  said.role = 'status';
  const field = element('input', '');
  Object.assign(field, {
    type: 'email',
    required: true,
    maxLength: 254,
    autocomplete: 'email',
    placeholder: strings.email,
  });
  field.ariaLabel = strings.email;
  const row = element('div', 'row');
  row.append(field, element('button', 'quiet', strings.tell));
  made.onsubmit = (event) => {
    event.preventDefault();
    call(`chats/${chat}/mail`, { email: field.value, client_message_id: newId() }).then(
      () => said.replaceChildren(strings.mailSent),
      () => said.replaceChildren(strings.mailFailed),
    );
  };
  made.append(said, row);
  byId('over').before(made);
  return made;
}

function createLink(strings: Strings): HTMLAnchorElement {
  const made = element('a', '', strings.goOn);
  Object.assign(made, { id: 'go-on', target: '_blank', rel: 'noopener noreferrer' });
  byId('over').before(made);
  return made;
}
