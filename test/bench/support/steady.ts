import { numberOf, numbered, Tally } from './record.js';
import { until } from '../../support/until.js';
import type { RawPair } from '../raw.js';

export const PER_SECOND = 50;

/** Messages at a steady pace: how long each takes. */
export class Steady {
  readonly milliseconds: number[] = [];
  lost = 0;
  doubled = 0;

  /** Sends whatever becomes of the earlier ones, and waits until all have arrived. `arrived` is to be called with each text. */
  async run(
    run: string,
    seconds: number,
    send: (number: number, text: string) => void,
    listenWith: (arrived: (text: string) => void) => void,
  ): Promise<void> {
    const count = seconds * PER_SECOND;
    const tally = new Tally(count);
    const sentAt: number[] = [];
    listenWith((text) => {
      const number = numberOf(text, run);
      if (number === null) return;
      tally.add(number);
      this.milliseconds.push(performance.now() - (sentAt[number] ?? 0));
    });
    const started = performance.now();
    for (let number = 0; number < count; number += 1) {
      const wait = started + (number * 1000) / PER_SECOND - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      sentAt[number] = performance.now();
      send(number, numbered(run, number));
    }
    await until(() => tally.arrived === count, `${count} steady messages`, 30).catch(() => undefined);
    this.lost += tally.lost;
    this.doubled += tally.doubled;
  }
}

/** The same messages from client to client, without Foyer. */
export function sendRaw(steady: Steady, pairs: readonly RawPair[], run: string, seconds: number): Promise<void> {
  return steady.run(
    run,
    seconds,
    (number, text) => void pairOf(pairs, number).from.say(pairOf(pairs, number).to.jid, text, `${run}-${number}`),
    (arrived) => pairs.forEach(({ to }) => (to.onText = arrived)),
  );
}

function pairOf(pairs: readonly RawPair[], number: number): RawPair {
  return pairs[number % pairs.length] as RawPair;
}
