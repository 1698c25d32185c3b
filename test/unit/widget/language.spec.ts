import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { LANGUAGES, pickLanguage } from '../../../bridge/widget/core/language.js';

const directory = new URL('../../../bridge/widget/strings/', import.meta.url);
const read = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`${language}.json`, directory), 'utf8')) as Record<string, string>;
const placeholders = (text = ''): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe('widget: languages', () => {
  it('takes the first wish that it speaks, and English when it speaks none', () => {
    expect(pickLanguage([undefined, 'de-AT', 'fr'])).to.equal('de');
    expect(pickLanguage([null, '', 'pt-BR', 'ES_mx'])).to.equal('es');
    expect(pickLanguage(['xx', 'english'])).to.equal('en');
  });

  it('has a file for each language and no other', () => {
    expect(readdirSync(directory).sort()).to.deep.equal(LANGUAGES.map((language) => `${language}.json`).sort());
  });

  for (const language of LANGUAGES) {
    it(`says everything in ${language} that it says in English, with the same placeholders`, () => {
      const english = read('en');
      const texts = read(language);
      expect(Object.keys(texts)).to.deep.equal(Object.keys(english));
      for (const [key, text] of Object.entries(texts)) {
        expect(text.trim(), key).to.not.equal('');
        expect(placeholders(text), key).to.deep.equal(placeholders(english[key]));
      }
    });
  }
});
