import { expect } from 'chai';
import fc from 'fast-check';
import { loadCommands } from '../../../bridge/compose-commands.js';
import type { Argument, Asker } from '../../../bridge/domain/commands/argument.js';
import { ArgumentError, formOf, titleOf, typedFrom } from '../../../bridge/domain/commands/command-form.js';
import type { Command } from '../../../bridge/domain/commands/command.js';
import { parseCommand } from '../../../bridge/domain/commands/parse-command.js';
import type { Registry } from '../../../bridge/domain/commands/registry.js';
import type { Operator } from '../../../bridge/domain/operators/operator.js';
import { LANGUAGES } from '../../../bridge/domain/texts/say.js';

const options =
  (...values: string[]) =>
  () =>
    Promise.resolve(values.map((value) => ({ value, label: `The ${value}` })));
const chat: Argument = {
  ...{ name: 'chat', label: 'arg_chat', type: 'chat', required: true, none: 'no_chat', options: options('3') },
};
const to: Argument = {
  ...{
    name: 'to',
    label: 'arg_to',
    type: 'choice',
    required: true,
    none: 'nobody_there',
    options: options('a b', 'c'),
  },
};
const tags: Argument = { name: 'tags', label: 'arg_tags', type: 'line', required: true, longest: 10 };
const text: Argument = { name: 'text', label: 'arg_note', type: 'text', required: false, longest: 1000 };

const build = (...args: Argument[]): Command => ({
  ...{ word: 'try', help: 'help_note', who: 'operators', args },
  run: () => Promise.resolve({ key: 'nothing' }),
});

describe('the form of a command', () => {
  let registry: Registry;
  const asker = (language = 'en') => ({ operator: { language } as Operator, registry }) as Asker;
  const typed = (command: Command, values: Record<string, string>) =>
    typedFrom(asker(), command, new Map(Object.entries(values)));
  const fault = async (command: Command, values: Record<string, string>) =>
    typed(command, values).then(
      (line) => `typed ${line}`,
      (error: unknown) => (error instanceof ArgumentError ? [error.text.key, error.message] : String(error)),
    );

  before(async () => {
    registry = await loadCommands();
  });

  it('has a field for each argument, with what can be chosen, in the reader’s language', async () => {
    const found = await formOf(asker('de'), build(chat, to, text));
    expect(found).to.deep.equal({
      form: {
        title: 'try: eine Notiz, die der Besucher nie sieht',
        fields: [
          {
            ...{ name: 'chat', type: 'chat', required: true, label: 'Chat', value: '3' },
            options: [{ value: '3', label: 'The 3' }],
          },
          {
            ...{ name: 'to', type: 'choice', required: true, label: 'An wen', value: '' },
            options: [
              { value: 'a b', label: 'The a b' },
              { value: 'c', label: 'The c' },
            ],
          },
          {
            name: 'text',
            type: 'text',
            required: false,
            label: 'Notiz, die der Besucher nie sieht',
            value: '',
            options: [],
          },
        ],
      },
    });
  });

  it('is none where there is nothing to choose', async () => {
    const nobody = build({ ...to, options: options() } as Argument);
    expect(await formOf(asker(), nobody)).to.deep.equal({ text: { key: 'nobody_there', tone: 'error' } });
  });

  it('filled in is what would have been typed', async () => {
    expect(await typed(build(chat, to, text), { text: ' two\nlines ', to: 'a b', chat: '#3' })).to.equal(
      '#3 a b two\nlines',
    );
    expect(await typed(build(chat, text), { chat: '3', text: '' })).to.equal('3');
  });

  it('is refused where it can’t be what was asked for, by the field’s name for programs', async () => {
    const all = build(chat, to, tags);
    const good = { chat: '3', to: 'c', tags: 'x' };
    expect(await fault(all, { ...good, colour: 'red' })).to.deep.equal([
      'arg_unknown',
      'colour: nobody asked for this field.',
    ]);
    expect(await fault(all, { ...good, tags: ' ' })).to.deep.equal(['arg_missing', 'tags: must be filled in.']);
    expect(await fault(all, { ...good, tags: 'x'.repeat(11) })).to.deep.equal([
      'arg_long',
      'tags: at most 10 characters.',
    ]);
    for (const wrong of [
      { tags: 'x\ny' },
      { chat: '3 4' },
      { chat: '-3' },
      { chat: '1'.repeat(10) },
      { to: 'C' },
      { to: 'c d' },
    ])
      expect((await fault(all, { ...good, ...wrong }))[0], JSON.stringify(wrong)).to.equal('arg_wrong');
  });

  it('never lets a value reach beyond its field', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('3', 'c', 'a b', '!pause', '3 c'),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom('chat', 'to', 'text', 'x'), value), async (values) => {
        const line = await typed(build(chat, to, text), values).catch((error: unknown) => error);
        if (line instanceof ArgumentError) return;
        const [, number, target, rest = ''] = /^(#?\d{1,9}) (a b|c)(?: ([^]*))?$/.exec(line as string) ?? [];
        expect([number, target, rest]).to.deep.equal([
          values['chat']?.trim(),
          values['to']?.trim(),
          values['text']?.trim() ?? '',
        ]);
        expect(parseCommand(`!try ${String(line)}`)).to.deep.equal({ kind: 'command', word: 'try', rest: line });
      }),
      { numRuns: 500 },
    );
  });

  it('is there for each command, with a title and labels in every language and names of its own', () => {
    for (const command of registry.commands) {
      const names = (command.args ?? []).map(({ name }) => name);
      expect(new Set(names).size, command.word).to.equal(names.length);
      expect(command.usage === undefined, command.word).to.equal(command.args === undefined);
      // A line is its values with spaces between: what may be left out stands at the end.
      const required = (command.args ?? []).map((argument) => argument.required);
      expect(required, command.word).to.deep.equal([...required].sort((a, b) => Number(b) - Number(a)));
      for (const language of LANGUAGES)
        expect(titleOf(command, { language })).to.match(new RegExp(`^${command.word} ?: .`));
    }
  });
});
