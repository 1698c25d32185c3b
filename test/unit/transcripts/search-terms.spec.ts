import { expect } from 'chai';
import { searchTerms } from '../../../bridge/domain/transcripts/transcript.js';

describe('what is typed to search', () => {
  it('goes to the index by words, whatever signs stand between them', () => {
    expect(searchTerms('Refund -order* "4711" (urgent)')).to.deep.equal({
      index: '+refund* +order* +4711* +urgent*',
      words: [],
    });
  });

  it('looks for words that the index leaves out one by one', () => {
    expect(searchTerms('the size is XL')).to.deep.equal({ index: '+size*', words: ['the', 'is', 'xl'] });
    expect(searchTerms('退款 とき')).to.deep.equal({ index: '', words: ['退款', 'とき'] });
    expect(searchTerms('!!! ---')).to.deep.equal({ index: '', words: [] });
  });
});
