import { expect } from 'chai';
import type { Message } from '../../../bridge/domain/chats/message.js';
import { csvLine, chatCells, CSV_HEAD, transcriptText } from '../../../bridge/domain/transcripts/text-form.js';
import type { Transcript } from '../../../bridge/domain/transcripts/transcript.js';

const at = new Date('2026-11-25T10:00:00Z');

function transcript(): Transcript {
  const message = (number: number, sender: string, text: string, authorName: string | null = null) =>
    ({ number, sender, text, authorName, operatorId: null, createdAt: at }) as unknown as Message;
  return {
    view: {
      chat: {
        ...{ number: 7, state: 'closed', createdAt: at, acceptedAt: at, closedAt: null, lastNumber: 3 },
        answers: [{ key: 'topic', label: 'What about', value: 'A bill' }],
      },
      visitor: { id: 3, nick: 'Ada', email: null },
      department: { id: 1, name: 'Support' },
      operator: null,
    } as unknown as Transcript['view'],
    tags: ['refund', 'vip'],
    rating: { score: 4, words: 'fine', ratedAt: at },
    notes: [{ id: 1, operatorId: null, author: 'Zoe', kind: 'note', text: 'call back', corrects: null, createdAt: at }],
    supervisions: [],
    messages: [message(1, 'visitor', 'Hello'), message(2, 'operator', 'Hi', 'Anna'), message(3, 'system', 'moved')],
  };
}

describe('transcripts as text and as tables', () => {
  it('says whom the site has verified', () => {
    const { view, ...rest } = transcript();
    const member = { ...view, visitor: { ...view.visitor, verified: true, externalId: '42' } };
    expect(transcriptText({ view: member, ...rest }, false)).to.include('Verified by the site: 42');
    expect(transcriptText(transcript(), false)).not.to.include('Verified');
  });

  it('name who said what and when, and leave the notes out where the visitor reads', () => {
    const text = transcriptText(transcript(), false);
    expect(text.split('\n')).to.include.members([
      'Chat 7, 2026-11-25 10:00:00 UTC',
      'Department: Support',
      'What about: A bill',
      'Tags: refund, vip',
      'Rating: 4 of 5: fine',
      '[2026-11-25 10:00:00 UTC] Ada: Hello',
      '[2026-11-25 10:00:00 UTC] Anna: Hi',
      '[2026-11-25 10:00:00 UTC] System: moved',
    ]);
    expect(text).to.not.include('call back');
    expect(transcriptText(transcript(), true)).to.include('Note by Zoe: call back');
  });

  it('give each chat a line of the table', () => {
    const cells = Object.fromEntries(chatCells(transcript()).map((cell, i) => [CSV_HEAD[i], cell]));
    expect(cells).to.include({
      chat: '7',
      visitor: 'Ada',
      operator: '',
      tags: 'refund vip',
      score: '4',
      words: 'fine',
      answers: 'What about: A bill',
    });
  });

  it('quote what would break a table, and disarm what a spreadsheet would run', () => {
    expect(csvLine(['a', 'b,c', 'say "hi"', 'two\nlines'])).to.equal('a,"b,c","say ""hi""","two\nlines"\r\n');
    expect(csvLine(['=HYPERLINK("x")', '+1', '-1', '@x', '1=1'])).to.equal(`"'=HYPERLINK(""x"")",'+1,'-1,'@x,1=1\r\n`);
  });
});
