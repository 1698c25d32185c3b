import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isMailAddress } from '../shared/mail-address.js';
import { decodeSecret } from '../shared/webhook-signature.js';

/** What can be set, with default, bounds and the text that the generated example shows. Secrets are marked, so that nothing prints them. */

const port = z.coerce.number().int().min(0).max(65535);
const seconds = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const splitList = (value: unknown) => (typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value);
const list = <T extends z.ZodType>(item: T, least = 0, most = 100) =>
  z.preprocess(splitList, z.array(item).min(least).max(most));
const webhookSecret = z
  .string()
  .refine((text) => decodeSecret(text) !== null, 'must be whsec_ followed by base64 of 24 to 64 bytes');
const key32 = z.string().refine((text) => Buffer.from(text, 'base64').length === 32, 'must be base64 of 32 bytes');

const network = z
  .string()
  .refine(
    (text) => isIP(text.split('/')[0] ?? '') !== 0 && (!text.includes('/') || ipaddr.isValidCIDR(text)),
    'must be an IP address, or a network such as 10.0.0.0/8',
  );

const ROLES = ['http', 'deliver', 'cron'] as const;

export interface SettingNote {
  text: string;
  secret?: boolean;
  example?: unknown;
}

const notes = new WeakMap<z.ZodType, SettingNote>();
function setting<T extends z.ZodType>(schema: T, text: string, more: Omit<SettingNote, 'text'> = {}): T {
  notes.set(schema, { text, ...more });
  return schema;
}
export function noteOf(schema: z.ZodType): SettingNote | undefined {
  return notes.get(schema);
}

export const settingsSchema = z.strictObject({
  http: z.strictObject({
    host: setting(
      z.string().default('127.0.0.1'),
      'Address to listen on. Put a TLS proxy in front (config/nginx.foyer.conf) for anything but loopback.',
    ),
    port: setting(port.default(8080), 'Port; 0 takes any free one.'),
    public_url: setting(
      z.url().optional(),
      'What browsers and the helpdesk call this bridge. Default: http://host:port.',
      {
        example: 'https://chat.example.org',
      },
    ),
    trusted_proxies: setting(
      list(network).default([]),
      'Addresses and networks of the proxies in front, such as 127.0.0.1 or 10.0.0.0/8: what others send as X-Forwarded-For and -Proto isn’t believed.',
    ),
  }),
  database: z.strictObject({
    host: setting(z.string().default('127.0.0.1'), 'MySQL 8 or MariaDB 10.6 or later.'),
    port: setting(port.default(3306), 'Port of the server.'),
    socket: setting(z.string().optional(), 'Unix socket; replaces host and port.', {
      example: '/run/mysqld/mysqld.sock',
    }),
    user: setting(z.string().default('foyer'), 'Needs all rights on its own database, and none elsewhere.'),
    password: setting(z.string(), 'Password of the user.', { secret: true }),
    name: setting(z.string().default('foyer'), 'The database; it must exist.'),
    connections: setting(z.coerce.number().int().min(3).max(200).default(12), 'Open connections at most.'),
  }),
  ejabberd: z
    .strictObject({
      host: setting(z.string().min(1), 'The virtual host that visitors and operators live on.', {
        example: 'chat.example.org',
      }),
      hosts: setting(
        list(z.string().min(1)).default([]),
        'Further virtual hosts of the same ejabberd, on which instances may be. mod_foyer must be loaded on each.',
        { example: ['help.example.net'] },
      ),
      api_url: setting(z.url(), 'Where ejabberd serves mod_http_api. Keep it on loopback or a private network.', {
        example: 'http://127.0.0.1:5280/api',
      }),
      api_user: setting(z.string().min(3), 'Account whose rights api_permissions grants: name@host.', {
        example: 'foyer-api@chat.example.org',
      }),
      api_password: setting(z.string().min(1), 'Password of that account.', { secret: true }),
      xmpp_url: setting(
        z
          .string()
          .regex(/^xmpps?:\/\//, 'must be xmpp:// or xmpps://')
          .default('xmpp://127.0.0.1:5222'),
        'Where visitors’ sessions connect: xmpp:// (STARTTLS if offered) or xmpps://.',
      ),
      websocket_url: setting(
        z
          .string()
          .regex(/^wss?:\/\//, 'must be ws:// or wss://')
          .optional(),
        'Where browsers reach ejabberd’s WebSocket (ejabberd_http_ws), for the operators’ page; without it there is no such page.',
        { example: 'wss://chat.example.org/ws' },
      ),
      service_account: setting(
        z
          .string()
          .regex(/^[a-z][a-z0-9-]*$/)
          .default('foyer'),
        'Name of the service account that operators can write to.',
      ),
      rooms_service: setting(
        z
          .string()
          .regex(/^(?:[a-z0-9.-]|\{host\}){1,190}$/)
          .optional(),
        'Where ejabberd’s mod_muc has its rooms, {host} standing for the virtual host. Default: conference.{host}.',
        { example: 'rooms.{host}' },
      ),
    })
    .refine(
      ({ hosts, rooms_service: rooms }) => hosts.length === 0 || rooms === undefined || rooms.includes('{host}'),
      {
        message: 'must hold {host} where there are further hosts: each has its own',
        path: ['rooms_service'],
      },
    ),
  hooks: z.strictObject({
    secrets: setting(list(webhookSecret, 1, 4), 'Secrets that mod_foyer signs with; two while they are changed over.', {
      secret: true,
    }),
  }),
  secrets: z.strictObject({
    account_key: setting(
      key32,
      'Encrypts XMPP passwords and callback secrets in the database: base64 of 32 random bytes.',
      { secret: true },
    ),
    older_account_keys: setting(list(key32).default([]), 'Earlier keys that still open what they closed.', {
      secret: true,
    }),
  }),
  visitors: z.strictObject({
    hard_timeout_seconds: setting(
      seconds(10, 86_400).default(300),
      'A visitor is online for so long after the last page view.',
    ),
    account_days: setting(
      z.coerce.number().min(0.01).max(3650).default(7),
      'XMPP accounts of visitors that were not seen for so long are removed.',
    ),
    erase_after_days: setting(
      z.coerce.number().min(0).max(36_500).default(0),
      'Visitors who weren’t there for so long are forgotten, with all that was said; 0: never.',
    ),
    token_days: setting(
      z.coerce.number().int().min(1).max(3650).default(365),
      'How long a page is remembered as the same visitor.',
    ),
  }),
  chats: z.strictObject({
    idle_hours: setting(
      z.coerce.number().min(0.01).max(8760).default(24),
      'An open chat in which nobody wrote for so long is closed once its visitor is offline; one that a helpdesk began, in any case.',
    ),
  }),
  limits: z.strictObject({
    message_bytes: setting(
      z.coerce.number().int().min(256).max(262_144).default(30_720),
      'Longest message, in bytes of UTF-8.',
    ),
    chat_bytes: setting(
      z.coerce.number().int().min(4096).max(67_108_864).default(2_097_152),
      'Longest chat, all its messages together.',
    ),
    requests_per_minute_per_address: setting(
      z.coerce.number().int().min(1).default(600),
      'Requests of pages from one address (IPv6: one /64) by visitors who are known, and as many by others and to begin chats.',
    ),
    requests_per_minute_per_visitor: setting(
      z.coerce.number().int().min(1).default(300),
      'Requests of one visitor’s pages.',
    ),
    requests_per_minute_per_key: setting(z.coerce.number().int().min(1).default(6_000), 'Requests with one API key.'),
    wrong_credentials_per_minute_per_address: setting(
      z.coerce.number().int().min(1).default(60),
      'Wrong visitor tokens from one address, and wrong API keys.',
    ),
    // With less than a page may send by one call, what it kept while it was offline could never go through.
    messages_per_minute_per_visitor: setting(
      z.coerce.number().int().min(50).default(120),
      'Messages of one visitor; at least the 50 that a page may send at once.',
    ),
    chats_per_hour_per_address: setting(
      z.coerce.number().int().min(1).default(60),
      'Chats begun, messages left for later and visitors made from one address.',
    ),
    chats_per_minute: setting(
      z.coerce.number().int().min(1).default(600),
      'Chats begun on pages, from all addresses together.',
    ),
    open_chats_per_address: setting(
      z.coerce.number().int().min(1).default(30),
      'Chats open at a time that were begun from one address.',
    ),
    listeners_per_address: setting(
      z.coerce.number().int().min(1).default(300),
      'Open tabs that listen from one address.',
    ),
    listeners_per_visitor: setting(
      z.coerce.number().int().min(1).max(1000).default(10),
      'Open tabs that listen for one visitor.',
    ),
  }),
  helpdesk: z.strictObject({
    timeout_seconds: setting(
      seconds(1, 120).default(15),
      'A callback that takes longer counts as failed and is sent again.',
    ),
    callback_pattern: setting(
      z
        .string()
        .max(900)
        .refine((text) => text.includes('{instance}'), 'must hold {instance}')
        .optional(),
      'Where the callbacks of new instances go, from their names, where nothing else is said.',
      { example: 'https://{instance}.example.org/foyer/callback' },
    ),
    allow_private_addresses: setting(flag.default(false), 'Let callbacks go to loopback and private networks.'),
  }),
  mail: z
    .strictObject({
      host: setting(z.string().min(1).optional(), 'Server that takes mail (SMTP). Without it no mail is sent.', {
        example: 'mail.example.org',
      }),
      port: setting(port.default(587), 'Port of the server: 587 as a rule, 465 with `tls`.'),
      encryption: setting(
        z.enum(['starttls', 'tls', 'none']).default('starttls'),
        'starttls: nothing is said before TLS; tls: from the first byte; none: in clear, for a server on this machine.',
      ),
      user: setting(z.string().min(1).optional(), 'Login at the server, where it asks for one.', {
        example: 'foyer',
      }),
      password: setting(z.string().optional(), 'Password of the login.', { secret: true }),
      from: setting(
        z.string().refine(isMailAddress, 'must be an e-mail address').optional(),
        'Address of the sender.',
        { example: 'chat@example.org' },
      ),
      timeout_seconds: setting(
        seconds(1, 600).default(30),
        'A server that is silent for so long is tried again later.',
      ),
      per_chat: setting(z.coerce.number().int().min(1).max(100).default(3), 'Mails of one chat that can be asked for.'),
      per_address_per_day: setting(
        z.coerce.number().int().min(1).max(10_000).default(10),
        'Mails to one address that can be asked for within 24 hours.',
      ),
    })
    .refine(({ host, from }) => (host === undefined) === (from === undefined), {
      message: 'mail.host and mail.from go together',
      path: ['from'],
    })
    .refine(({ user, password }) => (user === undefined) === (password === undefined), {
      message: 'mail.user and mail.password go together',
      path: ['password'],
    }),
  process: z.strictObject({
    name: setting(
      z.string().max(190).optional(),
      'Name of this process among those that share the database. Default: host name and port.',
    ),
    roles: setting(list(z.enum(ROLES)).default([...ROLES]), 'What this process does.'),
  }),
  log: z.strictObject({
    level: setting(
      z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
      'Least level that is written.',
    ),
  }),
});

export type Settings = z.infer<typeof settingsSchema>;

/** All of ejabberd's virtual hosts that this bridge serves, the one of `ejabberd.host` first. */
export function hostsOf({ ejabberd }: Pick<Settings, 'ejabberd'>): [string, ...string[]] {
  return [ejabberd.host, ...new Set(ejabberd.hosts.filter((host) => host !== ejabberd.host))];
}

/** Where people reach this bridge's pages; no slash at the end. */
export function publicUrlOf({ http }: Settings): string {
  return http.public_url?.replace(/\/$/, '') ?? `http://${http.host}:${http.port}`;
}
