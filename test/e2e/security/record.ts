import type { TestFoyer } from '../../support/bridge.js';

/** What the bridge writes by itself, by the clock. */
const BY_ITSELF = new Set(['processes', 'leases']);

/** A figure for each table (of these) that changes with anything in it: the same twice says that nothing was written in between. */
export async function fingerprint(foyer: TestFoyer, only?: readonly string[]): Promise<Record<string, unknown>> {
  const tables = only ?? (await foyer.select('SHOW TABLES')).map((row) => String(Object.values(row)[0]));
  const watched = tables.filter((table) => !BY_ITSELF.has(table));
  const found = await foyer.select(`CHECKSUM TABLE ${watched.join(', ')}`);
  return Object.fromEntries(found.map((row, i) => [watched[i] ?? '', row['Checksum'] as unknown]));
}

/** Of a person who was forgotten only the numbers are left. */
const OF_SOMEBODY = 'JOIN visitors ON visitors.id = chats.visitor_id AND visitors.erased_at IS NULL';

/** What can't be in a record in which everything was written whole or not at all: each finds the rows that are. */
const CONTRADICTIONS: Record<string, string> = {
  'a chat that counts other messages than it has': `
    SELECT chats.id FROM chats ${OF_SOMEBODY} LEFT JOIN messages ON messages.chat_id = chats.id
     GROUP BY chats.id, chats.last_number HAVING COUNT(messages.number) != chats.last_number OR COALESCE(MAX(messages.number), 0) != chats.last_number`,
  'a chat that counts other events than it has': `
    SELECT chats.id FROM chats ${OF_SOMEBODY} LEFT JOIN feed ON feed.chat_id = chats.id
     GROUP BY chats.id, chats.feed_number HAVING COUNT(feed.number) != chats.feed_number OR COALESCE(MAX(feed.number), 0) != chats.feed_number`,
  'an open chat that isn’t its visitor’s': `
    SELECT chats.id FROM chats JOIN visitors ON visitors.id = chats.visitor_id
     WHERE (chats.state IN ('waiting', 'offered', 'active', 'invited')) != (COALESCE(visitors.open_chat_id, 0) = chats.id)`,
  'a chat of nobody': 'SELECT id FROM chats WHERE visitor_id NOT IN (SELECT id FROM visitors)',
  'a chat without a contact': 'SELECT id FROM chats WHERE account_id NOT IN (SELECT id FROM accounts)',
  'a chat of a department that isn’t there':
    'SELECT id FROM chats WHERE department_id NOT IN (SELECT id FROM departments)',
  'a message without a chat': 'SELECT chat_id FROM messages WHERE chat_id NOT IN (SELECT id FROM chats)',
  'an event without a chat': 'SELECT chat_id FROM feed WHERE chat_id NOT IN (SELECT id FROM chats)',
  'somebody in a chat that isn’t there': `
    SELECT chat_id FROM chat_participants
     WHERE chat_id NOT IN (SELECT id FROM chats) OR operator_id NOT IN (SELECT id FROM operators)`,
  'an operator of a department that isn’t there': `
    SELECT operator_id FROM operator_departments
     WHERE operator_id NOT IN (SELECT id FROM operators) OR department_id NOT IN (SELECT id FROM departments)`,
  'a visitor with a contact that isn’t there': `
    SELECT id FROM visitors WHERE account_id IS NOT NULL AND account_id NOT IN (SELECT id FROM accounts)`,
  'an entry without a lane': 'SELECT id FROM outbox WHERE lane NOT IN (SELECT name FROM lanes)',
  'a repeatable answer without an answer': `
    SELECT id FROM receipts WHERE source LIKE 'helpdesk:%' AND (status IS NULL OR answer IS NULL)`,
  'a message that no stanza can hold': `SELECT number FROM messages WHERE text REGEXP '[\\\\x00-\\\\x08\\\\x0b\\\\x0c\\\\x0e-\\\\x1f]'`,
  'a name of several lines': `
    SELECT id FROM visitors WHERE nick REGEXP '[[:cntrl:]]' OR page_title REGEXP '[[:cntrl:]]' OR page_url REGEXP '[[:cntrl:]]'
     UNION ALL SELECT id FROM operators WHERE name REGEXP '[[:cntrl:]]'
     UNION ALL SELECT id FROM departments WHERE name REGEXP '[[:cntrl:]]'
     UNION ALL SELECT id FROM desks WHERE name REGEXP '[[:cntrl:]]'
     UNION ALL SELECT id FROM accounts WHERE name REGEXP '[[:cntrl:]]' OR presence_nick REGEXP '[[:cntrl:]]' OR presence_status REGEXP '[[:cntrl:]]'`,
};

/** MariaDB itself reads JSON to a depth of 32 only. */
const JSON_COLUMNS = [
  ...['outbox.entry', 'dead_letters.entry', 'feed.data', 'audit.details', 'desks.texts', 'desks.allowed_origins'],
  ...['visitors.custom', 'rejected_events.event'],
];

/** What of that is in the record, and JSON that can’t be read. */
export async function contradictions(foyer: TestFoyer): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  for (const column of JSON_COLUMNS) {
    const texts = await foyer.select(
      `SELECT ${column} AS json FROM ${column.split('.')[0]} WHERE ${column} IS NOT NULL`,
    );
    const wrong = texts.map((row) => row['json'] as string).filter((text) => !isJson(text));
    if (wrong.length > 0) found[column] = wrong.slice(0, 5);
  }
  for (const [what, sql] of Object.entries(CONTRADICTIONS)) {
    const wrong = await foyer.select(sql);
    if (wrong.length > 0) found[what] = wrong.slice(0, 5);
  }
  return found;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
