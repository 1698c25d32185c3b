/** Rows that belong to a row of another table. */
interface OwnedRows {
  table: string;
  /** Holds that row's key, behind `prefix` where there is one. */
  column: string;
  prefix?: string;
  order?: string;
  derived?: true;
}

/** A table whose rows belong to instances, and how they are found. */
export interface OwnedTable {
  table: string;
  /** Unique within the instance; rows are read in its order. */
  key: string;
  /** Isn't exported: it follows from other rows, or is on its way. */
  derived?: true;
  /** Tables whose rows belong to a row of this one. */
  children?: readonly OwnedRows[];
}

/** All rows of an instance: exported in this order, and deleted, each before what it refers to. */
export const OWNED_TABLES: readonly OwnedTable[] = [
  {
    table: 'chats',
    key: 'id',
    children: [
      { table: 'messages', column: 'chat_id', order: 'number' },
      { table: 'message_versions', column: 'chat_id', order: 'number, version' },
      { table: 'chat_participants', column: 'chat_id', order: 'operator_id' },
      { table: 'offers', column: 'chat_id', order: 'id' },
      { table: 'chat_tags', column: 'chat_id', order: 'tag' },
      { table: 'chat_notes', column: 'chat_id', order: 'id' },
      { table: 'chat_ratings', column: 'chat_id' },
      { table: 'supervisions', column: 'chat_id', order: 'id' },
      { table: 'chat_texts', column: 'chat_id', derived: true },
      { table: 'feed', column: 'chat_id', derived: true },
      { table: 'mails', column: 'chat_id', derived: true },
      { table: 'reminders', column: 'chat_id', derived: true },
    ],
  },
  {
    table: 'rooms',
    key: 'id',
    children: [
      { table: 'room_states', column: 'room_id', order: 'number' },
      { table: 'room_members', column: 'room_id', order: 'operator_id' },
      { table: 'room_messages', column: 'room_id', order: 'id' },
      { table: 'room_bans', column: 'room_id', order: 'id' },
      { table: 'room_occupants', column: 'room_id', derived: true },
      { table: 'room_typists', column: 'room_id', derived: true },
    ],
  },
  { table: 'offline_messages', key: 'id' },
  {
    table: 'visitors',
    key: 'id',
    children: [{ table: 'member_tokens', column: 'visitor_id', order: 'id', derived: true }],
  },
  {
    table: 'operators',
    key: 'id',
    children: [
      { table: 'operator_departments', column: 'operator_id', order: 'department_id' },
      { table: 'operator_presence', column: 'operator_id' },
      { table: 'operator_sessions', column: 'operator_id', derived: true },
      { table: 'receipts', column: 'source', prefix: 'commands:', derived: true },
      { table: 'receipts', column: 'source', prefix: 'typed:', derived: true },
    ],
  },
  { table: 'outbox', key: 'id', derived: true },
  { table: 'lanes', key: 'name', derived: true },
  { table: 'dead_letters', key: 'id', derived: true },
  { table: 'rejected_events', key: 'id', derived: true },
  { table: 'routing_rules', key: 'position' },
  { table: 'department_hours', key: 'department_id' },
  { table: 'room_pools', key: 'department_id' },
  { table: 'pool_accounts', key: 'id' },
  { table: 'canned_replies', key: 'id' },
  { table: 'bans', key: 'id' },
  { table: 'desks', key: 'id' },
  { table: 'departments', key: 'id' },
  { table: 'accounts', key: 'id' },
  { table: 'api_keys', key: 'id' },
];

/** Tables that belong to the bridge, or whose rows are found otherwise: see `deleteRows`. */
export const OTHER_TABLES: readonly string[] = [
  ...['instances', 'audit', 'receipts', 'processes', 'leases', 'room_mark'],
];
