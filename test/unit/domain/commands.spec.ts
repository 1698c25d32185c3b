import { expect } from 'chai';
import { loadCommands } from '../../../bridge/compose-commands.js';
import { parseCommand, takeName, takeNumber } from '../../../bridge/domain/commands/parse-command.js';
import { createRegistry } from '../../../bridge/domain/commands/registry.js';
import { LANGUAGES, say, type TextKey } from '../../../bridge/domain/texts/say.js';
import en from '../../../bridge/domain/texts/en.json' with { type: 'json' };

const keys = Object.keys(en) as TextKey[];
const gaps = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('what operators type', () => {
  it('is a command with ! or / in front, whatever its case', () => {
    for (const [text, word, rest] of [
      ['!accept 42', 'accept', '42'],
      ['/accept 42', 'accept', '42'],
      ['!ACCEPT  42 ', 'accept', '42'],
      ['!help', 'help', ''],
      ['!transfer Bert he knows\nbilling', 'transfer', 'Bert he knows\nbilling'],
      ['!überweisen', 'überweisen', ''],
    ] as const)
      expect(parseCommand(text), text).to.deep.equal({ kind: 'command', word, rest });
  });

  it('is a text where it says so, or can’t be a command', () => {
    for (const [typed, text] of [
      ['!!accept 42', '!accept 42'],
      ['//etc is a folder', '/etc is a folder'],
      [' !accept 42', '!accept 42'],
      [' /help', '/help'],
      ['/me waves', '/me waves'],
      ['/ME waves', '/ME waves'],
      ['/etc/hosts', '/etc/hosts'],
      ['/pricing, at the top', '/pricing, at the top'],
      ['!', '!'],
      ['!!!', '!!!'],
      ['! wait', '! wait'],
      ['!?', '!?'],
      ['Hello !help', 'Hello !help'],
      ['  indented', '  indented'],
      ['', ''],
    ] as const)
      expect(parseCommand(typed), typed).to.deep.equal({ kind: 'text', text });
  });

  it('names chats by number, and operators and departments by their longest name', () => {
    expect(takeNumber('#42 please')).to.deep.equal({ number: 42, rest: 'please' });
    expect(takeNumber('42nd')).to.deep.equal({ number: null, rest: '42nd' });
    const named = ['Bert', 'Second Level', 'Second'].map((name) => ({ name, value: name }));
    expect(takeName('second level knows it', named)).to.deep.equal({ value: 'Second Level', rest: 'knows it' });
    expect(takeName('BERT', named)).to.deep.equal({ value: 'Bert', rest: '' });
    expect(takeName('Bertram', named)).to.equal(null);
  });

  it('finds each word once, and each has its own', async () => {
    const { commands, find } = await loadCommands();
    expect(commands.map(({ word }) => word)).to.include.members([
      ...['accept', 'decline', 'finish', 'help', 'status', 'waiting'],
      ...['transfer', 'pause', 'resume', 'limit', 'who', 'info', 'queue'],
    ]);
    expect(find('CANCEL')?.word).to.equal('decline');
    expect(find('close')?.word).to.equal('finish');
    const [first] = commands;
    expect(() => createRegistry([...commands, { ...first!, word: 'other', aliases: ['close'] }])).to.throw('!close');
  });
});

describe('what Foyer says to operators', () => {
  for (const language of LANGUAGES) {
    it(`has the same gaps in ${language} as in English`, () => {
      for (const key of keys) {
        const text = say(language, { key });
        expect(text, key).to.not.equal('');
        expect(gaps(text), key).to.deep.equal(gaps(en[key]));
      }
    });
  }

  it('is in the operator’s language, or else in English', () => {
    const text = { key: 'taken_by', values: { name: 'Anna' } } as const;
    expect(say('de-AT', text)).to.equal('Anna hat diesen Chat übernommen.');
    expect(say('NL', text)).to.equal('Anna heeft deze chat overgenomen.');
    expect(say('xx', text)).to.equal('Anna has taken this chat.');
  });
});
