import { ModFoyerClient } from '../../bridge/outbound/ejabberd/mod-foyer-client.js';
import { AdminClient } from '../../bridge/outbound/ejabberd/admin-client.js';
import { rows } from '../../bridge/storage/pool.js';
import type { Operator, Shown } from './support/operator.js';
import type { Visitor } from './support/visitor.js';
import type { World } from './support/world.js';

/** A chat's two sides, and what they have said. */
export interface Speaker {
  name: string;
  visitor: Visitor;
  operator: Operator;
  /** The visitor's contact. */
  contact: string;
  chatId: number;
  said: { visitor: Saying[]; operator: Saying[] };
}

export interface Saying {
  text: string;
  /** The fault that was in force; empty when none was. */
  during: string;
}

/** What happened, for the table. */
export interface FaultCount {
  times: number;
  seconds: number;
}

/** Where each message must be, exactly once. */
export const PLACES = ['record', 'page', 'operator', 'helpdesk'] as const;
type Place = (typeof PLACES)[number];

export interface Line {
  fault: string;
  times: number;
  seconds: number;
  messages: number;
  lost: number;
  doubled: number;
}

export interface Verdict {
  lines: Line[];
  messages: number;
  lost: number;
  doubled: number;
  /** Chats in which something stands in another order than it was said. */
  disordered: number;
  /** What is wrong, in words; empty when nothing is. At most a few dozen. */
  faults: string[];
  /** Sent twice and recognised as the same: at the operators' clients and at the helpdesk. */
  repeated: { operators: number; helpdesk: number };
  refused: number;
}

interface Found {
  /** How often each text is at the place. */
  times: Map<string, number>;
  /** Sequences, by a name, in which texts must stand in the order in which they were said. */
  sequences: [string, string[]][];
}

/** Compares what was said with what is in the record, on the pages, at the operators' clients and at the helpdesk. */
export async function judge(
  world: World,
  speakers: readonly Speaker[],
  counts: ReadonlyMap<string, FaultCount>,
): Promise<Verdict> {
  const operators = [...new Set(speakers.map(({ operator }) => operator))];
  const verdict: Verdict = {
    lines: [...counts].map(([fault, { times, seconds }]) => line(fault, times, seconds)),
    ...{ messages: 0, lost: 0, doubled: 0, disordered: 0, faults: [], refused: 0 },
    repeated: {
      operators: operators.reduce((sum, one) => sum + one.repeated, 0),
      helpdesk: world.helpdesk.repeated,
    },
  };
  const lines = new Map(verdict.lines.map((one) => [one.fault, one]));
  const quiet = line('(none)', 1, 0);
  verdict.lines.unshift(quiet);
  for (const speaker of speakers) {
    const places = await look(world, speaker);
    for (const side of ['visitor', 'operator'] as const) {
      for (const saying of speaker.said[side]) {
        verdict.messages += 1;
        const during = lines.get(saying.during) ?? quiet;
        during.messages += 1;
        for (const place of placesOf(side)) count(verdict, during, speaker, saying, place, places[place]);
      }
    }
    checkOrder(verdict, world, speaker, places);
    verdict.refused += speaker.visitor.refused.size;
  }
  for (const operator of operators) verdict.refused += operator.refused.size;
  await checkLeftovers(world, verdict);
  return verdict;
}

function line(fault: string, times: number, seconds: number): Line {
  return { fault, times, seconds, messages: 0, lost: 0, doubled: 0 };
}

/** An operator's own words aren't shown to it again. */
function placesOf(side: 'visitor' | 'operator'): readonly Place[] {
  return side === 'visitor' ? PLACES : PLACES.filter((place) => place !== 'operator');
}

async function look(world: World, { visitor, operator, contact, chatId }: Speaker): Promise<Record<Place, Found>> {
  const recorded = await rows(world.core.pool, 'SELECT text FROM messages WHERE chat_id = ? ORDER BY number', [chatId]);
  const heard = world.helpdesk.messages.filter((one) => one.chatId === chatId);
  const shown = operator.shown.filter((one) => one.contact === contact);
  const streams = new Map<string, string[]>();
  for (const { stream, text } of inOrderOfClient(shown)) streams.set(stream, [...(streams.get(stream) ?? []), text]);
  return {
    record: found([['all', recorded.map((row) => row['text'] as string)]]),
    page: found([['all', visitor.messages().map(({ text }) => text)]]),
    operator: found([...streams]),
    helpdesk: found([['all', heard.map(({ text }) => text)]]),
  };
}

/** What comes from storage stands by its time (XEP-0203), all else as it came. */
function inOrderOfClient(shown: readonly Shown[]): Shown[] {
  const stored = shown
    .filter(({ stream }) => stream.endsWith(' stored'))
    .sort((a, b) => (a.stamp < b.stamp ? -1 : Number(a.stamp > b.stamp)));
  return [...shown.filter(({ stream }) => !stream.endsWith(' stored')), ...stored];
}

function found(sequences: [string, string[]][]): Found {
  const times = new Map<string, number>();
  for (const text of sequences.flatMap(([, texts]) => texts)) times.set(text, (times.get(text) ?? 0) + 1);
  return { times, sequences };
}

function count(
  verdict: Verdict,
  during: Line,
  { name }: Speaker,
  { text }: Saying,
  place: Place,
  { times }: Found,
): void {
  const here = times.get(text) ?? 0;
  if (here === 1) return;
  const what = here === 0 ? 'lost' : 'doubled';
  verdict[what] += 1;
  during[what] += 1;
  note(verdict, `${name}: “${text}” is ${here} times at the ${place} (said during “${during.fault}”)`);
}

/** What was refused once and sent again by hand may stand later; everything else stands as it was said. */
function checkOrder(verdict: Verdict, { helpdesk }: World, speaker: Speaker, places: Record<Place, Found>): void {
  for (const place of PLACES) {
    for (const side of ['visitor', 'operator'] as const) {
      const late = new Set([...speaker[side].refused.keys(), ...(place === 'helpdesk' ? helpdesk.refusedForGood : [])]);
      const rank = new Map(speaker.said[side].map(({ text }, i) => [text, i]));
      for (const [name, texts] of places[place].sequences) {
        const known = texts.filter((text) => !late.has(text) && rank.has(text));
        const ranks = known.map((text) => rank.get(text) ?? 0);
        const wrong = ranks.findIndex((value, i) => i > 0 && value <= (ranks[i - 1] as number));
        if (wrong === -1) continue;
        verdict.disordered += 1;
        note(verdict, `${speaker.name}: “${known[wrong]}” comes after “${known[wrong - 1]}” at the ${place} (${name})`);
      }
    }
  }
}

async function checkLeftovers({ core, ejabberd, helpdesk }: World, verdict: Verdict): Promise<void> {
  const [left] = await rows(
    core.pool,
    'SELECT (SELECT COUNT(*) FROM outbox) AS outbox, (SELECT COUNT(*) FROM dead_letters) AS dead, (SELECT COUNT(*) FROM rejected_events) AS rejected',
  );
  for (const what of ['outbox', 'dead', 'rejected'])
    if (Number(left?.[what]) !== 0) note(verdict, `${Number(left?.[what])} left: ${what}`);
  const admin = new AdminClient({ url: ejabberd.apiUrl, user: ejabberd.apiUser, password: ejabberd.apiPassword });
  const { depth } = await new ModFoyerClient(admin).spoolInfo(ejabberd.host);
  admin.close();
  if (depth !== 0) note(verdict, `${depth} events left in the spool`);
  if (helpdesk.forged !== 0) note(verdict, `${helpdesk.forged} callbacks with a wrong signature`);
}

function note(verdict: Verdict, text: string): void {
  if (verdict.faults.length < 40) verdict.faults.push(text);
}
