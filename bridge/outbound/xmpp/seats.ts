import { xml, type Element } from '@xmpp/client';
import { SessionError } from './session-error.js';
import { textOf } from './stanzas.js';
import { cleanName, cleanText } from './xml-text.js';

/** A room in which an account takes part. */
export interface Seat {
  /** Bare JID of the room. */
  room: string;
  nick: string;
  password: string;
}

/** What a room says to an occupant about itself (XEP-0045). */
export interface SeatNews {
  room: string;
  nick: string;
  /** In it, no longer in it, or refused for this reason. */
  now: 'in' | 'out' | { refused: string };
}

const NS_MUC = 'http://jabber.org/protocol/muc';
const NS_MUC_USER = `${NS_MUC}#user`;
const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const SELF = '110';
const NICK_CHANGED = '303';
/** A room answers at once, unless it was removed while it was asked. */
const ANSWER_MS = 10_000;
/** Others may have the nick already: `Vera 2`, and so on. */
const MOST_NICKS = 9;
/** Symbols: the server refuses a nick with characters that are younger than Unicode 3.2 (RFC 6122), as emoji are. */
const NOT_IN_NICKS = /[^\p{L}\p{M}\p{N}\p{P}\p{Zs}]/gu;

interface Kept {
  seat: Seat;
  /** How many nicks were tried. */
  nicks: number;
  /** While the room hasn't answered. */
  entering: Promise<void> | null;
  settle: (error: Error | null) => void;
}

/** The rooms of one session, by the ids that they have in the record. They are entered again with each new connection. */
export class Seats {
  readonly #kept = new Map<number, Kept>();

  get size(): number {
    return this.#kept.size;
  }

  keep(id: number, seat: Seat): void {
    const known = this.#kept.get(id);
    if (known) known.seat = seat;
    else this.#kept.set(id, { seat, nicks: 1, entering: null, settle: () => undefined });
  }

  /** Resolves once the account is in the room; rejects with a `SessionError` where the room refuses it or doesn't answer. */
  enter(id: number, send: (stanza: string) => void): Promise<void> {
    const kept = this.#kept.get(id);
    if (!kept) return Promise.reject(new SessionError('closed', 'the room was left'));
    kept.entering ??= new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => kept.settle(new SessionError('closed', 'the room didn’t answer')), ANSWER_MS);
      kept.settle = (error) => {
        clearTimeout(timer);
        kept.entering = null;
        kept.settle = () => undefined;
        if (error) reject(error);
        else resolve();
      };
      send(entry(kept));
    });
    return kept.entering;
  }

  /** With a new connection all of them are entered anew. */
  enterAll(send: (stanza: string) => void): void {
    for (const [id, kept] of this.#kept) {
      kept.settle(new SessionError('closed', 'the connection ended'));
      this.enter(id, send).catch(() => undefined);
    }
  }

  /** @returns what to send; undefined: it wasn't there */
  leave(id: number): string | undefined {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    kept?.settle(new SessionError('closed', 'the room was left'));
    return kept && textOf(xml('presence', { to: address(kept), type: 'unavailable' }));
  }

  heard({ room, now }: SeatNews, send: (stanza: string) => void): void {
    const [id, kept] = [...this.#kept].find(([, { seat }]) => seat.room === room) ?? [];
    if (id === undefined || !kept) return;
    if (now === 'in') kept.settle(null);
    else if (now === 'out') {
      this.#kept.delete(id);
      kept.settle(new SessionError('closed', 'the room put the account out'));
    } else if (now.refused === 'conflict' && kept.nicks < MOST_NICKS) {
      kept.nicks += 1;
      send(entry(kept));
    } else kept.settle(new SessionError('closed', `the room refuses the account (${now.refused})`));
  }
}

/** Null where the stanza isn't about the account's own place in a room. */
export function readSeatNews(stanza: Element): SeatNews | null {
  const { from = '', type } = stanza.attrs;
  const slash = from.indexOf('/');
  if (stanza.name !== 'presence' || slash === -1) return null;
  const place = { room: from.slice(0, slash), nick: from.slice(slash + 1) };
  if (type === 'error') {
    const conditions = stanza.getChild('error')?.getChildElements() ?? [];
    const condition = conditions.find((child) => child.getNS() === NS_STANZAS && child.name !== 'text');
    return { ...place, now: { refused: condition?.name ?? 'undefined-condition' } };
  }
  const codes = (stanza.getChild('x', NS_MUC_USER)?.getChildren('status') ?? []).map(({ attrs }) => attrs['code']);
  if (!codes.includes(SELF) || codes.includes(NICK_CHANGED)) return null;
  return { ...place, now: type === 'unavailable' ? 'out' : 'in' };
}

/** What is sent so is answered by a stanza, or lost with the connection. */
export function unwaited(connection: { send(stanza: string): Promise<void> }): (stanza: string) => void {
  return (stanza) => void connection.send(stanza).catch(() => undefined);
}

/** Without history: the record has it. */
function entry(kept: Kept): string {
  const history = xml('history', { maxstanzas: '0' });
  const password = xml('password', null, kept.seat.password);
  return textOf(xml('presence', { to: address(kept) }, xml('x', { xmlns: NS_MUC }, history, password)));
}

function address({ seat: { room, nick }, nicks }: Kept): string {
  const clean = cleanName(nick).replace(NOT_IN_NICKS, '').trim() || 'Visitor';
  return cleanText(`${room}/${nicks === 1 ? clean : `${clean} ${nicks}`}`);
}
