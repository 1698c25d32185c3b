import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { isOfPassword, readDjangoSession } from '../../../../bridge/outbound/site/django-session.js';

interface Vectors {
  secret_key: string;
  password: string;
  auth_hash: string;
  sessions: Record<'logged_in' | 'compressed' | 'anonymous' | 'not_ascii', string>;
}

/** Written by Django itself. */
const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/django-sessions.json', import.meta.url), 'utf8'),
) as Vectors;
const { secret_key: key, sessions, password, auth_hash: hash } = vectors;

describe('sessions as Django writes them', () => {
  it('say who is logged in, by any of the site’s keys, or without a key', () => {
    for (const keys of [[key], ['another', key], []])
      for (const name of ['logged_in', 'compressed', 'not_ascii'] as const)
        expect(readDjangoSession(sessions[name], keys), name).to.deep.equal({ userId: '1', passwordHash: hash });
    expect(readDjangoSession(sessions.anonymous, [key])).to.equal(null);
  });

  it('count for nothing when they are not signed by the site, or changed', () => {
    expect(readDjangoSession(sessions.logged_in, ['another'])).to.equal(undefined);
    const [data = '', time = '', signature = ''] = sessions.logged_in.split(':');
    const [other = ''] = sessions.not_ascii.split(':');
    for (const text of [
      ...[`${other}:${time}:${signature}`, `${data}:${time}x:${signature}`, `${data}:${signature}`, data, '', ':::'],
      ...[`${data}:${time}:`, `${data.slice(1)}:${time}:${signature}`, `${sessions.logged_in}\n`],
    ])
      expect(readDjangoSession(text, [key]), text).to.equal(undefined);
  });

  it('that are no session are none, also where the table is trusted', () => {
    for (const json of ['null', '[]', '7', '{}'])
      expect(readDjangoSession(`${Buffer.from(json).toString('base64url')}:1:a`, []), json).to.equal(null);
    for (const text of ['e30x:1:a', '.e30:1:a', 'YWJj:1:a'])
      expect(readDjangoSession(text, []), text).to.equal(undefined);
  });

  it('end with the password that they were begun with', () => {
    const login = { userId: '1', passwordHash: hash };
    expect(isOfPassword(login, password, ['another', key])).to.equal(true);
    expect(isOfPassword(login, `${password}x`, [key])).to.equal(false);
    expect(isOfPassword(login, password, ['another'])).to.equal(false);
    expect(isOfPassword({ ...login, passwordHash: null }, password, [key])).to.equal(false);
  });
});
