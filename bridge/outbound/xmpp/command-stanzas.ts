import { xml, type Element } from '@xmpp/client';
import type { CommandForm, FormField } from '../../domain/commands/command-form.js';
import { cleanText } from './xml-text.js';

/** Ad-hoc commands (XEP-0050) with data forms (XEP-0004), as stanzas: what was asked, and what is answered. Pure. */

export const NS_COMMANDS = 'http://jabber.org/protocol/commands';
const NS_DATA = 'jabber:x:data';
const NS_DISCO_INFO = 'http://jabber.org/protocol/disco#info';
const NS_DISCO_ITEMS = 'http://jabber.org/protocol/disco#items';
const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

const FEATURES = [NS_DISCO_INFO, NS_DISCO_ITEMS, NS_COMMANDS, NS_DATA, 'urn:xmpp:ping', 'jabber:iq:version'];
const ACTIONS = ['execute', 'cancel', 'prev', 'next', 'complete'] as const;
const LANGUAGE_TAG = /^[A-Za-z]{1,8}([-_][A-Za-z0-9]{1,8}){0,8}$/;
/** Far above what a form has. */
const FIELDS_AT_MOST = 50;

export type Question = { from: string; language: string } & (
  | { kind: 'info' | 'items'; node: string }
  | { kind: 'command'; node: string; sessionId: string | null; request: CommandRequest }
);

/** What is wanted of a command; `values` null: nothing was filled in. */
export type CommandRequest =
  | { action: 'cancel' }
  | { action: 'prev' }
  | { action: 'next' }
  | { action: 'execute'; values: ReadonlyMap<string, string> | null }
  | { action: 'complete'; values: ReadonlyMap<string, string> | null };

type Specific = 'malformed-action' | 'bad-action' | 'bad-locale' | 'bad-payload' | 'bad-sessionid' | 'session-expired';

/** A stanza error (RFC 6120 8.3) as an answer, with the condition of XEP-0050 where it has one. */
export class StanzaRefusal extends Error {
  constructor(
    readonly condition: string,
    readonly type: 'cancel' | 'modify' | 'auth' | 'wait',
    readonly specific: Specific | null = null,
    /** For a person; may be empty. */
    readonly text = '',
  ) {
    super(condition);
  }
}

export function badRequest(specific: Specific, text = ''): StanzaRefusal {
  return new StanzaRefusal('bad-request', 'modify', specific, text);
}

/**
 * Null where a stanza is none of the questions that are answered here. `from` is as ejabberd has set it.
 * @throws StanzaRefusal for a command that can't be read
 */
export function readQuestion(stanza: Element): Question | null {
  const { type, from } = stanza.attrs;
  const [query] = stanza.getChildElements();
  if (stanza.name !== 'iq' || from === undefined || !query) return null;
  const node = query.attrs['node'] ?? '';
  // It is what libraries say of themselves: nobody has chosen it.
  const language = stanza.attrs['xml:lang'] === 'en' ? '' : (stanza.attrs['xml:lang'] ?? '');
  if (type === 'get' && query.is('query', NS_DISCO_INFO)) return { kind: 'info', from, node, language };
  if (type === 'get' && query.is('query', NS_DISCO_ITEMS)) return { kind: 'items', from, node, language };
  if (type !== 'set' || !query.is('command', NS_COMMANDS)) return null;
  const own = query.attrs['xml:lang'];
  if (own !== undefined && !LANGUAGE_TAG.test(own)) throw badRequest('bad-locale');
  const sessionId = query.attrs['sessionid'] ?? null;
  return { kind: 'command', from, node, sessionId, language: own ?? language, request: readRequest(query) };
}

function readRequest(command: Element): CommandRequest {
  const wanted = command.attrs['action'] ?? 'execute';
  const action = ACTIONS.find((one) => one === wanted);
  if (!action) throw badRequest('malformed-action');
  if (action !== 'execute' && action !== 'complete') return { action };
  const [form, ...others] = command.getChildElements();
  if (!form) return { action, values: null };
  if (others.length > 0 || !form.is('x', NS_DATA)) throw badRequest('bad-payload');
  if (form.attrs['type'] === 'cancel') return { action: 'cancel' };
  if (form.attrs['type'] !== 'submit') throw badRequest('bad-payload');
  return { action, values: readValues(form) };
}

function readValues(form: Element): Map<string, string> {
  const values = new Map<string, string>();
  const fields = form.getChildren('field', NS_DATA).filter(({ attrs }) => attrs['type'] !== 'fixed');
  if (fields.length > FIELDS_AT_MOST) throw badRequest('bad-payload');
  for (const field of fields) {
    const name = field.attrs['var'];
    if (name === 'FORM_TYPE') continue;
    if (name === undefined || values.has(name)) throw badRequest('bad-payload');
    const lines = field.getChildren('value', NS_DATA).map((value) => value.text());
    values.set(name, lines.join('\n').replace(/\r\n?/g, '\n'));
  }
  return values;
}

/** The result of an IQ. */
export function resultOf(stanza: Element, child: Element): Element {
  return xml('iq', { type: 'result', ...addressOf(stanza) }, child);
}

export function errorOf(stanza: Element, { condition, type, specific, text }: StanzaRefusal): Element {
  const error = xml('error', { type }, xml(condition, { xmlns: NS_STANZAS }));
  if (text !== '') error.append(xml('text', { xmlns: NS_STANZAS }, cleanText(text)));
  if (specific !== null) error.append(xml(specific, { xmlns: NS_COMMANDS }));
  return xml('iq', { type: 'error', ...addressOf(stanza) }, error);
}

function addressOf({ attrs: { id, from } }: Element) {
  return { id: cleanText(id ?? ''), ...(from !== undefined && { to: from }) };
}

/** What the account is (XEP-0030), or one of its nodes. */
export function infoOf(node: string, name: string): Element {
  const identity =
    node === ''
      ? { category: 'client', type: 'bot', name }
      : { category: 'automation', type: node === NS_COMMANDS ? 'command-list' : 'command-node', name };
  const features = node === '' ? FEATURES : [NS_COMMANDS, NS_DATA];
  return xml(
    'query',
    { xmlns: NS_DISCO_INFO, ...(node !== '' && { node: cleanText(node) }) },
    xml('identity', identity),
    ...features.map((feature) => xml('feature', { var: feature })),
  );
}

export function itemsOf(node: string, jid: string, items: readonly { node: string; name: string }[]): Element {
  return xml(
    'query',
    { xmlns: NS_DISCO_ITEMS, ...(node !== '' && { node: cleanText(node) }) },
    ...items.map((item) => xml('item', { jid, ...item })),
  );
}

/** A command as far as it has come. */
export type CommandState = { node: string; sessionId: string } & (
  | { status: 'executing'; form: CommandForm }
  | { status: 'completed' | 'canceled'; note: string; tone: 'info' | 'warn' | 'error' }
);

export function commandOf(state: CommandState): Element {
  const { node, sessionId, status } = state;
  const attributes = { xmlns: NS_COMMANDS, node, sessionid: sessionId, status };
  if (state.status !== 'executing')
    return xml('command', attributes, xml('note', { type: state.tone }, cleanText(state.note)));
  return xml(
    'command',
    attributes,
    xml('actions', { execute: 'complete' }, xml('complete')),
    xml(
      'x',
      { xmlns: NS_DATA, type: 'form' },
      xml('title', null, cleanText(state.form.title)),
      ...state.form.fields.map(fieldOf),
    ),
  );
}

const FIELD_TYPES = { choice: 'list-single', chat: 'list-single', line: 'text-single', text: 'text-multi' } as const;

function fieldOf({ name, label, type, required, options, value }: FormField): Element {
  return xml(
    'field',
    { var: name, type: FIELD_TYPES[type], label: cleanText(label) },
    required && xml('required'),
    value !== '' && xml('value', null, cleanText(value)),
    ...options.map((option) =>
      xml('option', { label: cleanText(option.label) }, xml('value', null, cleanText(option.value))),
    ),
  );
}
