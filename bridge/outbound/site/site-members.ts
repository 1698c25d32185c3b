import type { SiteMember, SiteSessionSettings } from '../../domain/visitors/site-session.js';
import { isMailAddress } from '../../shared/mail-address.js';
import { cleanLine, cut } from '../../shared/text.js';
import { isOfPassword, readDjangoSession } from './django-session.js';
import type { SiteDatabase, SiteRow } from './site-database.js';

const SESSION = 'SELECT session_data FROM django_session WHERE session_key = ? AND expire_date > UTC_TIMESTAMP(6)';
/** The hash of the password only where it is needed, so that without keys the login needs no right to it. */
const user = (password: string) =>
  `SELECT id, COALESCE(NULLIF(TRIM(CONCAT(first_name, ' ', last_name)), ''), username) AS name, email${password}
     FROM auth_user WHERE id = ? AND is_active = 1`;
const GROUPS = `SELECT auth_group.name AS word FROM auth_user_groups
  JOIN auth_group ON auth_group.id = auth_user_groups.group_id WHERE auth_user_groups.user_id = ?`;
/** As Django has it: of the user and of its groups; whoever is a superuser has all. */
const PERMISSIONS = `SELECT CONCAT(django_content_type.app_label, '.', auth_permission.codename) AS word FROM auth_permission
  JOIN django_content_type ON django_content_type.id = auth_permission.content_type_id
  JOIN auth_user ON auth_user.id = ?
 WHERE auth_user.is_superuser = 1
    OR auth_permission.id IN (SELECT permission_id FROM auth_user_user_permissions WHERE user_id = auth_user.id)
    OR auth_permission.id IN (SELECT auth_group_permissions.permission_id FROM auth_group_permissions
         JOIN auth_user_groups ON auth_user_groups.group_id = auth_group_permissions.group_id
        WHERE auth_user_groups.user_id = auth_user.id)`;

/** `unreadable`: there is a session, but not of the form or signature that it should have. */
export type Found = SiteMember | 'nobody' | 'unreadable';

/** Asks a site's database whose session this is. @throws what the database has against it */
export async function findMember(
  database: Pick<SiteDatabase, 'select'>,
  { django, query }: SiteSessionSettings,
  { cookie, now }: { cookie: string; now: Date },
): Promise<Found> {
  if (django) return inDjango(database, { ...django, query }, { cookie, now });
  const [row] = await database.select(query ?? '', [cookie]);
  return row && isOn(row, now) ? (memberOf(row, []) ?? 'nobody') : 'nobody';
}

async function inDjango(
  database: Pick<SiteDatabase, 'select'>,
  { secretKeys, query }: { secretKeys: readonly string[]; query: string | null },
  { cookie, now }: { cookie: string; now: Date },
): Promise<Found> {
  const [session] = await database.select(SESSION, [cookie]);
  if (!session) return 'nobody';
  const login = readDjangoSession(text(session['session_data']), secretKeys);
  if (!login) return login === null ? 'nobody' : 'unreadable';
  const { userId } = login;
  // A number that begins another text would be taken for that number.
  if (query === null && !/^\d{1,18}$/.test(userId)) return 'unreadable';
  const [row] = await database.select(query ?? user(secretKeys.length > 0 ? ', password' : ''), [userId]);
  if (!row || !isOn(row, now)) return 'nobody';
  const { password } = row as Record<string, unknown>;
  if (secretKeys.length > 0 && password !== undefined && !isOfPassword(login, text(password), secretKeys))
    return 'nobody';
  const words: string[] = [];
  if (query === null)
    for (const statement of [GROUPS, PERMISSIONS])
      words.push(...(await database.select(statement, [userId])).map(({ word }) => text(word)));
  return memberOf(row, words) ?? 'nobody';
}

/** By the column `expires`: a time, seconds since 1970, or nothing where the query sees to it. */
function isOn({ expires }: SiteRow, now: Date): boolean {
  if (expires === undefined || expires === null) return true;
  const end = expires instanceof Date ? expires.getTime() : Number(expires) * 1000;
  return end > now.getTime();
}

/** @returns undefined: the row names nobody */
function memberOf(row: SiteRow, words: readonly string[]): SiteMember | undefined {
  const externalId = line(row['id'], 190);
  if (externalId === '') return undefined;
  const email = line(row['email'], 320);
  const permissions = row['permissions'] === undefined ? null : list(row['permissions']);
  return {
    ...{ externalId, nick: line(row['name'], 100) || null, email: isMailAddress(email) ? email : null },
    ...{ custom: undefined, groups: [...new Set([...words, ...list(row['groups'])])] },
    mayChat: permissions?.includes('chat') ?? true,
  };
}

/** `a,b` or `["a","b"]`. */
function list(value: unknown): string[] {
  const given = text(value).trim();
  const names = given.startsWith('[') ? jsonNames(given) : given.split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

function jsonNames(given: string): string[] {
  try {
    return (JSON.parse(given) as unknown[]).filter((name) => typeof name === 'string');
  } catch {
    return [];
  }
}

function line(value: unknown, most: number): string {
  return cut(cleanLine(text(value)), most);
}

function text(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}
