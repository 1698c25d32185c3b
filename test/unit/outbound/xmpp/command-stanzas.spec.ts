import { xml, type Element } from '@xmpp/client';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Account } from '../../../../bridge/domain/accounts/account.js';
import { createRegistry } from '../../../../bridge/domain/commands/registry.js';
import type { Transactions } from '../../../../bridge/domain/ports.js';
import { CommandAnswers } from '../../../../bridge/outbound/answer-commands.js';
import {
  commandOf,
  NS_COMMANDS,
  readQuestion,
  StanzaRefusal,
  type Question,
} from '../../../../bridge/outbound/xmpp/command-stanzas.js';
import { HOSTILE } from '../../../support/hostile-texts.js';

const NS_DATA = 'jabber:x:data';
const SERVICE: Account = {
  ...{ id: 1, instanceId: 1, kind: 'service', local: 'foyer', host: 'x.org', name: 'Foyer' },
  ...{ rosterGroup: '', pooled: false, state: 'ready' },
};

const LIMITS = { messageBytes: 30_720, chatBytes: 2_097_152 };

const iq = (child: Element, more: Record<string, string> = {}) =>
  xml('iq', { type: 'set', id: 'q', from: 'anna@x.org/a', to: 'foyer@x.org/foyer', ...more }, child);
const command = (attributes: Record<string, string>, ...children: Element[]) =>
  iq(xml('command', { xmlns: NS_COMMANDS, node: 'note', ...attributes }, ...children));
const submit = (...fields: Element[]) => xml('x', { xmlns: NS_DATA, type: 'submit' }, ...fields);
const field = (name: string | undefined, ...values: string[]) =>
  xml('field', { var: name }, ...values.map((value) => xml('value', null, value)));

/** What is read of a question about a command. */
function requestIn(stanza: Element) {
  const question = readQuestion(stanza) as Extract<Question, { kind: 'command' }>;
  expect(question.kind).to.equal('command');
  return question.request;
}

describe('an ad-hoc command as a stanza', () => {
  it('is read with the lines of its fields, whatever a client sends beside them', () => {
    const form = submit(
      field('FORM_TYPE', 'urn:whatever'),
      xml('field', { type: 'fixed' }, xml('value', null, 'Read this')),
      field('chat', '3'),
      field('text', 'called', '', 'twice\r\nalready'),
      field('empty'),
    );
    expect(requestIn(command({ action: 'complete', sessionid: 's' }, form))).to.deep.equal({
      action: 'complete',
      values: new Map([
        ['chat', '3'],
        ['text', 'called\n\ntwice\nalready'],
        ['empty', ''],
      ]),
    });
    expect(requestIn(command({}))).to.deep.equal({ action: 'execute', values: null });
    const canceled = xml('x', { xmlns: NS_DATA, type: 'cancel' });
    expect(requestIn(command({ action: 'complete' }, canceled))).to.deep.equal({ action: 'cancel' });
  });

  it('is refused with the condition that XEP-0050 has for it', () => {
    for (const [specific, stanza] of [
      ['malformed-action', command({ action: 'EXECUTE' })],
      ['bad-locale', command({ 'xml:lang': 'no language' })],
      ['bad-payload', command({}, xml('x', { xmlns: NS_DATA, type: 'result' }))],
      ['bad-payload', command({}, xml('query', { xmlns: 'jabber:iq:roster' }))],
      ['bad-payload', command({}, submit(), submit())],
      ['bad-payload', command({}, submit(field('a', '1'), field('a', '2')))],
      ['bad-payload', command({}, submit(field(undefined, '1')))],
      ['bad-payload', command({}, submit(...Array.from({ length: 60 }, (_, i) => field(`f${i}`, 'x'))))],
    ] as const)
      expect(() => readQuestion(stanza), stanza.toString().slice(0, 200))
        .to.throw(StanzaRefusal)
        .that.includes({ condition: 'bad-request', type: 'modify', specific });
  });

  it('is nothing of ours where it is another question, or nobody’s', () => {
    for (const stanza of [
      iq(xml('ping', { xmlns: 'urn:xmpp:ping' }), { type: 'get' }),
      iq(xml('command', { xmlns: NS_COMMANDS }), { type: 'get' }),
      iq(xml('command', { xmlns: NS_COMMANDS }), { type: 'result' }),
      xml('message', { from: 'a@x.org' }, xml('command', { xmlns: NS_COMMANDS })),
      xml('iq', { type: 'set', id: 'q' }, xml('command', { xmlns: NS_COMMANDS })),
      xml('iq', { type: 'set', from: 'a@x.org' }),
    ])
      expect(readQuestion(stanza), stanza.toString()).to.equal(null);
  });

  it('shows a form that says what is asked for, and what there is to choose', () => {
    const shown = commandOf({
      ...{ node: 'note', sessionId: 's', status: 'executing' },
      form: {
        title: 'note: keep <it>',
        fields: [
          {
            ...{ name: 'chat', label: 'Chat', type: 'chat', required: true, value: '3' },
            options: [{ value: '3', label: '3: Vera \u0000& Co' }],
          },
          { name: 'text', label: 'Note', type: 'text', required: false, value: '', options: [] },
        ],
      },
    });
    expect(shown.toString()).to.equal(
      `<command xmlns="${NS_COMMANDS}" node="note" sessionid="s" status="executing">` +
        `<actions execute="complete"><complete/></actions><x xmlns="${NS_DATA}" type="form"><title>note: keep &lt;it&gt;</title>` +
        '<field var="chat" type="list-single" label="Chat"><required/><value>3</value>' +
        '<option label="3: Vera \u{FFFD}&amp; Co"><value>3</value></option></field>' +
        '<field var="text" type="text-multi" label="Note"/></x></command>',
    );
  });
});

describe('the answers to what clients ask of the service account', () => {
  const down: Transactions['alone'] = () => Promise.reject(new Error('the database is down'));
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const answers = new CommandAnswers({
    ...{ transactions: { alone: down } as Transactions, commands: createRegistry([]), log: silent, limits: LIMITS },
  });

  it('come for every stanza, as an error where nothing else can be said', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(...HOSTILE.map((one) => one.text)),
      fc.constantFrom('x'.repeat(30_000), 'submit', 'complete', 'prev', 'chat', NS_COMMANDS),
    );
    const attributes = fc.dictionary(
      fc.constantFrom('node', 'action', 'sessionid', 'xml:lang', 'type', 'var', 'xmlns'),
      text,
    );
    const element = fc.letrec<{ one: Element }>((tie) => ({
      one: fc
        .tuple(
          fc.constantFrom('command', 'x', 'field', 'value', 'query', 'note'),
          fc.oneof(
            attributes,
            attributes.map((rest) => ({ ...rest, xmlns: NS_DATA, type: 'submit' })),
          ),
          fc.array(fc.oneof({ depthSize: 'small', withCrossShrink: true }, text, tie('one')), { maxLength: 4 }),
        )
        .map(([name, attrs, children]) => xml(name, attrs, ...children)),
    })).one;
    await fc.assert(
      fc.asyncProperty(attributes, fc.array(element, { maxLength: 3 }), async (attrs, children) => {
        const asked = iq(xml('command', { ...attrs, xmlns: NS_COMMANDS }, ...children));
        const answer = await answers.ask(SERVICE, asked);
        expect(answer?.attrs).to.deep.equal({ type: 'error', id: 'q', to: 'anna@x.org/a' });
      }),
      { numRuns: 500 },
    );
  });

  it('are those of the service account alone', () => {
    expect(answers.ask({ ...SERVICE, kind: 'visitor' }, command({}))).to.equal(null);
  });

  it('are refused to whoever asks without waiting for them', async () => {
    const waiting = new CommandAnswers({
      ...{ transactions: { alone: () => new Promise(() => undefined) } as unknown as Transactions },
      ...{ commands: createRegistry([]), log: silent, limits: LIMITS },
    });
    const asked = Array.from({ length: 9 }, () => waiting.ask(SERVICE, command({})));
    const refused = await asked.at(-1);
    expect(refused?.getChild('error')?.getChild('resource-constraint')).to.exist;
    const others = Array.from({ length: 8 * 9 }, (_, i) =>
      waiting.ask(SERVICE, iq(xml('command', { xmlns: NS_COMMANDS }), { from: `o${Math.floor(i / 8)}@x.org/a` })),
    );
    expect((await others.at(-1))?.getChild('error')?.getChild('resource-constraint')).to.exist;
  });
});
