import { holds, type VisitorFacts } from '../routing/rule.js';
import type { Tx } from '../ports.js';
import type { Desk } from '../instances/instance.js';
import type { Visitor } from '../visitors/visitor.js';
import { isOpen } from '../chats/chat.js';
import { translated, type Greeting } from './widget-settings.js';

/** Marks kept of a visitor; the oldest make room. */
const MARKS = 50;

/** Whether the widget shows itself on the page that the visitor looks at; an open chat goes on anywhere. */
export function isShown({ state, widget }: Desk, facts: VisitorFacts): boolean {
  if (state !== 'active') return false;
  return widget.showRules.find(({ when }) => holds(when, facts))?.show ?? true;
}

/** What the visitor may be greeted with on this page, if it stays for so long. */
export function greetingFor({ id, widget }: Desk, visitor: Visitor, facts: VisitorFacts): Greeting | undefined {
  if (visitor.openChatId !== null) return undefined;
  return widget.greetings.find(
    (greeting) => holds(greeting.when, facts) && !visitor.greeted.includes(markOf(id, greeting)),
  );
}

/**
 * The time has come to greet a visitor, who must be locked: of all its pages one may, once, and none while it chats.
 * @returns the words, or null
 */
export async function greet(tx: Tx, desk: Desk, visitor: Visitor, name: string): Promise<string | null> {
  const greeting = desk.widget.greetings.find((one) => one.name === name);
  const chat = visitor.openChatId === null ? undefined : await tx.chats.lock(visitor.openChatId);
  if (!greeting || desk.state !== 'active' || (chat && isOpen(chat))) return null;
  const mark = markOf(desk.id, greeting);
  if (visitor.greeted.includes(mark)) return null;
  visitor.greeted = [...visitor.greeted, mark].slice(-MARKS);
  return translated(greeting.text, greeting.translations, visitor.language ?? '');
}

function markOf(deskId: number, { name, once }: Greeting): string {
  return `${once}:${deskId}:${name}`;
}

/** The visitor has come back to the site: what may come once in each visit may come again. */
export function beginVisit(visitor: Visitor): void {
  visitor.greeted = visitor.greeted.filter((mark) => !mark.startsWith('visit:'));
}
