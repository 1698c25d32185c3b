import { cut } from '../../shared/text.js';

/** A person on the website. May be online without chatting. */
export interface Visitor {
  readonly id: number;
  readonly instanceId: number;
  deskId: number | null;
  /** The helpdesk's own id, or the site's. */
  externalId: string | null;
  nick: string | null;
  email: string | null;
  language: string | null;
  pageUrl: string | null;
  pageTitle: string | null;
  referrer: string | null;
  userAgent: string | null;
  /** What the site or the helpdesk says of this visitor in words of its own. */
  custom: Readonly<Record<string, string>>;
  /** The site has said who it is: a guest becomes a member, and no member a guest. */
  member: boolean;
  /** Of the groups that a desk asks for, those that the site says it to be in. */
  groups: readonly string[];
  accountId: number | null;
  openChatId: number | null;
  lastChatId: number | null;
  /** A page was viewed within the hard timeout. */
  online: boolean;
  /** Nothing is known of the person any more. */
  erased: boolean;
  /** What it was greeted with, as marks: `domain/desks/page-view.ts`. */
  greeted: readonly string[];
  readonly createdAt: Date;
}

/** What a page or a helpdesk tells about a visitor. Fields that are absent stay as they are. */
export interface VisitorDetails {
  /** Null, which only the site says of a member: it has none. */
  nick?: string | null | undefined;
  email?: string | null | undefined;
  language?: string | undefined;
  pageUrl?: string | undefined;
  pageTitle?: string | undefined;
  referrer?: string | undefined;
  userAgent?: string | undefined;
  /** In place of all that was there. */
  custom?: Readonly<Record<string, string>> | undefined;
  /** The site says all that. */
  member?: true | undefined;
  groups?: readonly string[] | undefined;
}

/** As a page may say it: of a member only the site says who it is. */
export function saidByPage({ member }: Visitor, details: VisitorDetails): VisitorDetails {
  return member ? { ...details, nick: undefined, email: undefined, custom: undefined } : details;
}

export function describeVisitor(visitor: Visitor, details: VisitorDetails): void {
  if (details.nick !== undefined) visitor.nick = details.nick;
  if (details.email !== undefined) visitor.email = details.email;
  if (details.language !== undefined) visitor.language = details.language;
  if (details.pageUrl !== undefined) visitor.pageUrl = details.pageUrl;
  if (details.pageTitle !== undefined) visitor.pageTitle = details.pageTitle;
  if (details.referrer !== undefined) visitor.referrer = details.referrer;
  if (details.userAgent !== undefined) visitor.userAgent = details.userAgent;
  if (details.custom !== undefined) visitor.custom = details.custom;
  if (details.member !== undefined) visitor.member = true;
  if (details.groups !== undefined) visitor.groups = details.groups;
}

/** The path of a page's address, which is what operators read: `/pricing`. The whole text when it isn't an address. */
export function pagePath(url: string): string {
  try {
    const parsed = new URL(url);
    return parsed.pathname === '' ? '/' : parsed.pathname;
  } catch {
    return cut(url, 100);
  }
}

/** What an operator's roster shows instead of a JID: `Anna · /pricing`. */
export function rosterName(visitor: Visitor): string {
  const who = visitor.nick ?? `Visitor ${visitor.id}`;
  return visitor.pageUrl === null ? who : cut(`${who} · ${pagePath(visitor.pageUrl)}`, 200);
}

/** XMPP status text: `✓ verified, on /pricing, from google.com, de`. Nothing that a page says can begin it with the sign. */
export function statusText(visitor: Visitor): string {
  const parts: string[] = visitor.member ? ['✓ verified'] : [];
  if (visitor.pageUrl !== null) parts.push(`on ${pagePath(visitor.pageUrl)}`);
  if (visitor.referrer !== null && URL.canParse(visitor.referrer))
    parts.push(`from ${new URL(visitor.referrer).hostname}`);
  if (visitor.language !== null) parts.push(visitor.language);
  return cut(parts.join(', '), 300);
}
