import { expect } from 'chai';
import fc from 'fast-check';
import { isOpen, nextChange, type Hours, type Span } from '../../../bridge/domain/hours/hours.js';
import { parseSpan } from '../../../bridge/domain/hours/span-text.js';

const MINUTE = 60_000;
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Week = Partial<Record<(typeof DAYS)[number], string[]>>;

function span(text: string): Span {
  const parsed = parseSpan(text);
  if (typeof parsed === 'string') throw new Error(`${text} ${parsed}`);
  return parsed;
}

function hoursOf(timeZone: string, week: Week, exceptions: Record<string, string[]> = {}): Hours {
  return {
    timeZone,
    week: DAYS.map((day) => (week[day] ?? []).map(span)),
    exceptions: Object.entries(exceptions).map(([date, spans]) => ({ date, name: null, spans: spans.map(span) })),
  };
}

const open = (hours: Hours, at: string): boolean => isOpen(hours, new Date(at));
const next = (hours: Hours, at: string): string | null => nextChange(hours, new Date(at))?.toISOString() ?? null;

describe('hours', () => {
  const shop: Week = { mon: ['09:00-12:00', '13:00-17:30'], fri: ['22:00-02:00'], sun: ['18:00-24:00'] };

  it('hold for several spans a day, up to their last minute', () => {
    const hours = hoursOf('UTC', shop);
    const monday = (time: string): boolean => open(hours, `2026-03-02T${time}Z`);
    expect(['08:59:59', '09:00', '11:59:59', '12:00', '12:59', '13:00', '17:29:59', '17:30'].map(monday)).to.deep.equal(
      [...[false, true, true, false, false, true, true, false]],
    );
  });

  it('go on after midnight, and to the last second of a day', () => {
    const hours = hoursOf('UTC', shop);
    expect(open(hours, '2026-03-06T23:59:59Z')).to.equal(true);
    expect(open(hours, '2026-03-07T01:59:59Z')).to.equal(true);
    expect(open(hours, '2026-03-07T02:00:00Z')).to.equal(false);
    expect(open(hours, '2026-03-08T23:59:59.999Z')).to.equal(true);
    expect(open(hours, '2026-03-09T00:00:00Z')).to.equal(false);
    const always = hoursOf('UTC', Object.fromEntries(DAYS.map((day) => [day, ['00:00-24:00']])));
    expect(open(always, '2026-03-08T23:59:59.999Z')).to.equal(true);
    expect(next(always, '2026-03-08T23:59:59.999Z')).to.equal(null);
  });

  it('are other ones on a date that says so', () => {
    const hours = hoursOf('Europe/Berlin', shop, { '2026-12-25': [], '2026-12-28': ['10:00-11:00'] });
    expect(open(hours, '2026-12-25T22:00:00Z'), 'a Friday evening, but Christmas').to.equal(false);
    expect(open(hours, '2026-12-28T08:30:00Z'), 'a Monday that begins later').to.equal(false);
    expect(open(hours, '2026-12-28T09:30:00Z')).to.equal(true);
    expect(next(hours, '2026-12-24T12:00:00Z')).to.equal('2026-12-27T17:00:00.000Z');
    expect(next(hours, '2026-12-28T09:30:00Z')).to.equal('2026-12-28T10:00:00.000Z');
  });

  it('let a shift into a holiday end as on any other day', () => {
    const hours = hoursOf('Europe/Berlin', { thu: ['22:00-02:00'] }, { '2026-12-25': [] });
    expect(open(hours, '2026-12-25T00:30:00Z')).to.equal(true);
    expect(next(hours, '2026-12-25T00:30:00Z')).to.equal('2026-12-25T01:00:00.000Z');
  });

  it('know the night in which the clock is put forward', () => {
    const hours = hoursOf('Europe/Berlin', { sun: ['02:30-04:00'] });
    expect(open(hours, '2026-03-29T00:59:59Z')).to.equal(false);
    expect(open(hours, '2026-03-29T01:00:00Z'), '03:00, the minute after 01:59').to.equal(true);
    expect(next(hours, '2026-03-29T00:00:00Z')).to.equal('2026-03-29T01:00:00.000Z');
    expect(next(hours, '2026-03-29T01:00:00Z')).to.equal('2026-03-29T02:00:00.000Z');
    const skipped = hoursOf('Europe/Berlin', { sun: ['02:10-02:50'] });
    expect(next(skipped, '2026-03-29T00:00:00Z'), 'the week after').to.equal('2026-04-05T00:10:00.000Z');
  });

  it('know the night in which the clock is put back', () => {
    const hours = hoursOf('Europe/Berlin', { sat: ['22:00-02:30'] });
    expect(next(hours, '2026-10-24T21:00:00Z'), 'the first 02:30').to.equal('2026-10-25T00:30:00.000Z');
    expect(next(hours, '2026-10-25T00:30:00Z'), '02:00 again').to.equal('2026-10-25T01:00:00.000Z');
    expect(next(hours, '2026-10-25T01:00:00Z'), '02:30 again').to.equal('2026-10-25T01:30:00.000Z');
  });

  it('know what comes before a change of the clock that opens a department, too', () => {
    const hours = hoursOf('Australia/Lord_Howe', { fri: ['13:04-15:00'], sun: ['00:00-01:31'] });
    expect(next(hours, '2026-04-03T04:19:00Z'), 'midnight').to.equal('2026-04-04T13:00:00.000Z');
    expect(next(hours, '2026-04-04T14:31:00Z'), '01:30 again').to.equal('2026-04-04T15:00:00.000Z');
  });

  it('say that nothing will change where nothing will', () => {
    expect(next(hoursOf('Asia/Tokyo', {}), '2026-01-01T00:00:00Z')).to.equal(null);
    expect(next(hoursOf('Asia/Tokyo', {}, { '2026-08-01': ['09:00-10:00'] }), '2026-01-01T00:00:00Z')).to.equal(
      '2026-08-01T00:00:00.000Z',
    );
  });

  it('are those of a clock that is read minute by minute, on every minute of days of change', function () {
    this.timeout(120_000);
    fc.assert(
      fc.property(anyHours(), (hours) => {
        const read = clockReader(hours);
        for (const day of CHANGES[hours.timeZone] ?? []) {
          const start = Date.parse(`${day}T00:00:00Z`) - 24 * 60 * MINUTE;
          let before: boolean | null = null;
          const turns: number[] = [];
          for (let at = start; at < start + 72 * 60 * MINUTE; at += MINUTE) {
            const expected = read(at);
            if (isOpen(hours, new Date(at)) !== expected)
              throw new Error(`${new Date(at).toISOString()} should be ${expected ? 'open' : 'closed'}`);
            if (before !== null && before !== expected) turns.push(at);
            before = expected;
          }
          for (let at = start; at < (turns.at(-1) ?? 0); at += 37 * MINUTE)
            expect(nextChange(hours, new Date(at))?.getTime(), `from ${new Date(at).toISOString()}`).to.equal(
              turns.find((turn) => turn > at),
            );
        }
      }),
      { numRuns: 40, seed: Number(process.env['FOYER_TEST_SEED'] ?? 1_336_789_389) },
    );
  });
});

/** Days on which the clock is changed there, in both directions; half an hour on Lord Howe, at midnight in Beirut and Santiago. */
const CHANGES: Record<string, string[]> = {
  'Europe/Berlin': ['2026-03-29', '2026-10-25'],
  'America/New_York': ['2026-03-08', '2026-11-01'],
  'Australia/Lord_Howe': ['2026-04-04', '2026-10-03'],
  'America/Santiago': ['2025-04-06', '2025-09-07'],
  'Asia/Beirut': ['2025-03-30', '2025-10-25'],
  'America/St_Johns': ['2026-03-08', '2026-11-01'],
  'Asia/Kathmandu': ['2026-03-29'],
};

function anyHours(): fc.Arbitrary<Hours> {
  const minute = fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 240 }));
  const spans = fc.array(
    fc
      .tuple(minute, fc.oneof(fc.integer({ min: 1, max: 1440 }), fc.integer({ min: 1, max: 120 })))
      .map(([from, length]) => ({ from, to: from + length })),
    { maxLength: 3 },
  );
  return fc.constantFrom(...Object.keys(CHANGES)).chain((timeZone) =>
    fc.record({
      timeZone: fc.constant(timeZone),
      week: fc.tuple(spans, spans, spans, spans, spans, spans, spans),
      exceptions: fc.uniqueArray(
        fc.record({ date: fc.constantFrom(...(CHANGES[timeZone] ?? [])), name: fc.constant(null), spans }),
        { selector: ({ date }) => date, maxLength: 1 },
      ),
    }),
  );
}

/**
 * The oracle: reads weekday, date and time off the zone's clock at each minute, as text, and looks them up in a calendar of minutes. It knows no
 * offsets and no changes.
 */
function clockReader(hours: Hours): (at: number) => boolean {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: hours.timeZone, dateStyle: 'short', timeStyle: 'short' });
  const weekday = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'short' });
  const calendar = new Map<string, Set<number>>();
  const minutesOf = (date: string): Set<number> => {
    const known = calendar.get(date);
    if (known) return known;
    const named = weekday.format(new Date(`${date}T12:00:00Z`)).toLowerCase();
    const day = DAYS.findIndex((one) => one === named);
    const spans = hours.exceptions.find((exception) => exception.date === date)?.spans ?? hours.week[day] ?? [];
    const minutes = new Set<number>();
    for (const { from, to } of spans) for (let minute = from; minute < to; minute += 1) minutes.add(minute);
    calendar.set(date, minutes);
    return minutes;
  };
  return (at) => {
    const [date = '', time = ''] = clock.format(at).split(' ');
    const minute = Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
    const yesterday = new Date(Date.parse(`${date}T12:00:00Z`) - 24 * 60 * MINUTE).toISOString().slice(0, 10);
    return minutesOf(date).has(minute) || minutesOf(yesterday).has(minute + 1440);
  };
}
