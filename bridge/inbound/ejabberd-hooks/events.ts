import { z } from 'zod';

/** What mod_foyer reports. Lengths are generous bounds of what XMPP allows, so that nothing unbounded gets further. */

export const jid = z.string().min(1).max(3071);
/** Ids compare in the database too, where spaces at the end or what isn't Unicode would make two of them one. */
const id = z.string().regex(/^[\x21-\x7e]{1,120}$/, 'must be 1 to 120 visible ASCII characters');
const common = { id, at: z.iso.datetime() };
/** mod_foyer refuses longer ones, and counts them in bytes. */
const stanzaId = z.string().max(1024);
const addressed = { from: jid, to: jid };
const show = z.enum(['available', 'chat', 'away', 'xa', 'dnd', 'offline']);
const presence = {
  show,
  status: z.string().max(10_000).default(''),
  priority: z.int().min(-128).max(127).default(0),
  resources: z.int().min(0).max(10_000).default(1),
};

const message = z.object({
  ...common,
  ...addressed,
  kind: z.literal('message'),
  to_service: z.boolean().default(false),
  stanza_id: z.string().default(''),
  origin_id: stanzaId.min(1).optional(),
  body: z.string().optional(),
  receipt_requested: z.boolean().default(false),
  markable: z.boolean().default(false),
  unstyled: z.boolean().default(false),
  replaces: stanzaId.optional(),
  /** XEP-0424: what it takes back; a body says that in words, for clients that can't. */
  retracts: stanzaId.optional(),
  chat_state: z.enum(['active', 'composing', 'paused', 'inactive', 'gone']).optional(),
  encrypted: z.string().max(40).optional(),
});

const chatState = z.object({
  ...common,
  ...addressed,
  kind: z.literal('chat_state'),
  to_service: z.boolean().default(false),
  state: z.enum(['active', 'composing', 'paused', 'inactive', 'gone']),
});

const receipt = z.object({ ...common, ...addressed, kind: z.literal('receipt'), message_id: stanzaId });

const marker = z.object({
  ...common,
  ...addressed,
  kind: z.literal('marker'),
  marker: z.enum(['received', 'displayed', 'acknowledged']),
  message_id: stanzaId,
});

const presenceChange = z.object({
  ...common,
  ...presence,
  kind: z.literal('presence'),
  operator: jid,
  change: z.enum(['connected', 'disconnected', 'changed']),
});

const ping = z.object({
  ...common,
  kind: z.literal('ping'),
  operators: z.array(z.object({ ...presence, jid })).max(20_000),
});

const inRoom = { ...common, room: jid };
/** Nicks are resources of JIDs. */
const nick = z.string().min(1).max(1023);

const roomPresence = z.object({
  ...inRoom,
  kind: z.literal('room_presence'),
  jid,
  nick,
  present: z.boolean(),
  role: z.string().max(20).default(''),
  cause: z.string().max(20).default(''),
  actor: z.string().max(1023).default(''),
  reason: z.string().max(10_000).default(''),
});

const roomMessage = z.object({
  ...inRoom,
  kind: z.literal('room_message'),
  /** Absent of what Foyer’s own accounts are told in private. */
  jid: jid.optional(),
  nick,
  private: z.boolean().default(false),
  /** Whom a private one is for; absent of those to all. */
  to: jid.optional(),
  stanza_id: z.string().default(''),
  origin_id: stanzaId.min(1).optional(),
  body: z.string().optional(),
  replaces: stanzaId.optional(),
  retracts: stanzaId.optional(),
  archive_id: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  unstyled: z.boolean().default(false),
  encrypted: z.string().max(40).optional(),
});

const roomChatState = z.object({
  ...inRoom,
  kind: z.literal('room_chat_state'),
  jid,
  nick,
  state: z.enum(['composing', 'paused']),
});

const roomSubject = z.object({ ...inRoom, kind: z.literal('room_subject'), subject: z.string().max(10_000) });

const roomDestroyed = z.object({ ...inRoom, kind: z.literal('room_destroyed') });

export const hookEvent = z.discriminatedUnion('kind', [
  message,
  chatState,
  receipt,
  marker,
  presenceChange,
  ping,
  roomPresence,
  roomMessage,
  roomChatState,
  roomSubject,
  roomDestroyed,
]);
export type HookEvent = z.infer<typeof hookEvent>;

/** The envelope; events are read one by one, so that a bad one doesn't take the others with it. */
export const hookBatch = z.object({
  version: z.literal(1),
  host: z.string().min(1).max(1023),
  node: z.string().max(1023),
  events: z.array(z.object({ id }).loose()).min(1).max(5000),
});
export type HookBatch = z.infer<typeof hookBatch>;

export interface EventResult {
  id: string;
  status: 'stored' | 'duplicate' | 'rejected';
  code?: string;
  reason?: string;
}
