import { createHmac, randomBytes } from 'node:crypto';
import type { SiteMember, SiteSessions, SiteSessionSettings } from '../../domain/visitors/site-session.js';
import type { Clock } from '../../shared/clock.js';
import { describeError } from '../../shared/errors.js';
import { Remembered } from '../../shared/remembered.js';
import { SiteDatabase } from './site-database.js';
import { findMember, type Found } from './site-members.js';

/** What the site said of a session, and how it is asked, holds for so long. */
const REMEMBER_MS = 5_000;
/** Longer than any framework's session cookie. */
const COOKIE_LENGTH = 512;

export interface SiteSessionsDeps {
  clock: Clock;
  /** Null: the instance reads no sessions. */
  settings: (instanceId: number) => Promise<SiteSessionSettings | null>;
  /** Each time that a site was asked. */
  onAnswer: (result: 'member' | 'nobody' | 'unreadable' | 'down') => void;
  onLost: (what: string, reason: string) => void;
  onBack: (what: string) => void;
}

/** Reads whom a site has logged in from the site's own database. Nothing of a cookie is kept but a digest by a key that ends with this process. */
export class DatabaseSessions implements SiteSessions {
  private readonly key = randomBytes(32);
  private readonly settings: Remembered<number, SiteSessionSettings | null>;
  private readonly found = new Map<number, { address: string; database: SiteDatabase }>();
  private readonly members: Remembered<string, Found | 'down'>;
  private readonly lost = new Set<number>();

  constructor(private readonly deps: SiteSessionsDeps) {
    this.settings = new Remembered(deps.clock, REMEMBER_MS, deps.settings);
    this.members = new Remembered(deps.clock, REMEMBER_MS, () => Promise.resolve('nobody'));
  }

  async whoIs(instanceId: number, cookies: string): Promise<SiteMember | 'nobody' | 'refuse' | 'guest'> {
    if (cookies === '') return 'nobody';
    const settings = await this.settings.get(instanceId);
    const cookie = settings && cookieOf(cookies, settings.cookie);
    if (!settings || !cookie) return 'nobody';
    const digest = createHmac('sha256', this.key)
      .update(JSON.stringify([instanceId, settings, cookie]))
      .digest('base64');
    const who = await this.members.get(digest, () => this.lookUp(instanceId, settings, cookie));
    if (who === 'down') return settings.whenDown;
    return who === 'unreadable' ? 'nobody' : who;
  }

  async close(): Promise<void> {
    await Promise.all([...this.found.values()].map(({ database }) => database.close()));
  }

  /** One that can't be asked is asked again when that is forgotten: not by every call of every page. */
  private async lookUp(instanceId: number, settings: SiteSessionSettings, cookie: string): Promise<Found | 'down'> {
    const what = `site database of instance ${instanceId}`;
    try {
      const found = await findMember(this.databaseOf(instanceId, settings), settings, {
        cookie,
        now: this.deps.clock.now(),
      });
      if (this.lost.delete(instanceId)) this.deps.onBack(what);
      this.deps.onAnswer(typeof found === 'string' ? found : 'member');
      return found;
    } catch (error) {
      if (!this.lost.has(instanceId)) this.deps.onLost(what, describeError(error));
      this.lost.add(instanceId);
      this.deps.onAnswer('down');
      return 'down';
    }
  }

  private databaseOf(instanceId: number, { database: address }: SiteSessionSettings): SiteDatabase {
    const known = this.found.get(instanceId);
    if (known?.address === address) return known.database;
    void known?.database.close();
    const database = new SiteDatabase(address);
    this.found.set(instanceId, { address, database });
    return database;
  }
}

/** The value of one cookie; undefined: it isn't there, or can't be one of a session. */
export function cookieOf(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    const value = decoded(pair.slice(at + 1).trim());
    return value.length <= COOKIE_LENGTH && /^[\x21-\x7e]+$/.test(value) ? value : undefined;
  }
  return undefined;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
