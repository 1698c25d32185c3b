import { FoyerError } from '../../shared/errors.js';
import type { AccountPool } from '../accounts/account-pool.js';
import type { DeskTexts, WidgetSettings } from '../desks/widget-settings.js';

/** A tenant: one helpdesk installation, or one customer of a hosted one. */
export interface Instance {
  readonly id: number;
  readonly name: string;
  /** ejabberd virtual host of its accounts. */
  readonly host: string;
  /** Where signed callbacks go, as it may be shown; null: nobody listens, none are written. */
  readonly callbackUrl: string | null;
  readonly state: InstanceState;
  /** Of what Foyer says to its new operators. */
  readonly language: string;
  readonly limits: InstanceLimits;
}

/**
 * `suspended`: everything is kept, nobody comes in; `destroying`: its accounts and rows are being removed; `destroyed`: nothing is left but its name, which no
 * other gets.
 */
export type InstanceState = 'active' | 'suspended' | 'destroying' | 'destroyed';

/** At most so many at a time, or begun within 24 hours or a minute; null: as many as come. */
export interface InstanceLimits {
  readonly operators: number | null;
  readonly visitorsOnline: number | null;
  readonly openChats: number | null;
  readonly chatsPerDay: number | null;
  /** Of visitors; each process counts for itself. */
  readonly messagesPerMinute: number | null;
  /** With API keys; each process counts for itself. */
  readonly requestsPerMinute: number | null;
}

/** What the record can tell the number of. */
export type Countable = Exclude<keyof InstanceLimits, 'messagesPerMinute' | 'requestsPerMinute'>;

/** What may be changed while an instance is there. */
export interface InstanceChange {
  displayName?: string | undefined;
  language?: string | undefined;
  /** Visitors are forgotten after so many days; null: as the settings say. */
  retentionDays?: number | null | undefined;
  limits?: { readonly [K in keyof InstanceLimits]?: number | null | undefined } | undefined;
}

export const NO_LIMITS: InstanceLimits = {
  ...{ operators: null, visitorsOnline: null, openChats: null, chatsPerDay: null },
  ...{ messagesPerMinute: null, requestsPerMinute: null },
};

/** @throws FoyerError `instance_suspended` */
export function checkActive({ state }: Pick<Instance, 'state'>): void {
  if (state !== 'active') throw new FoyerError('instance_suspended', 'This instance is suspended.');
}

/** Where chats enter: a website or page group. */
export interface Desk {
  readonly id: number;
  readonly instanceId: number;
  readonly key: string;
  readonly name: string;
  /** An inactive one takes no chats, and its widget shows itself nowhere; open chats go on. */
  readonly state: 'active' | 'inactive';
  readonly departmentId: number;
  /** Origins whose pages may open chats here; `*` lets all in. */
  readonly allowedOrigins: readonly string[];
  /** Pages ask for a rating when a chat is over. */
  readonly askRating: boolean;
  /** Operators who ask for it see what a visitor is typing before it is sent. */
  readonly preview: boolean;
  /** Guests too, or only those whom the site says who they are. */
  readonly who: 'everybody' | 'members';
  /** Of members only those whom the site says to be in one of these; none: all of them. */
  readonly memberGroups: readonly string[];
  /** A guest who signs in takes along the chat that it has open. */
  readonly keepGuestChat: boolean;
  /** Accounts for the visitors who chat; null: each visitor has one of its own. */
  readonly pool: AccountPool | null;
  /** Where operators may send a visitor's page: nowhere, to the desk's own origins or the visitor's, anywhere. */
  readonly redirectTo: 'off' | 'same_site' | 'any';
  /** The page offers it, or goes there by itself. */
  readonly redirectHow: 'ask' | 'go';
  /** Where a visitor can go on, with placeholders; null: nowhere. */
  readonly followUp: string | null;
  /** Who gets every closed chat and every message that was left by mail; null: nobody. */
  readonly mailTo: string | null;
  readonly texts: DeskTexts;
  readonly widget: WidgetSettings;
}

export const MAIN_INSTANCE = 'main';
