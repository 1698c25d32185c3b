import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a directory (and its parents) that only its owner may enter. */
export async function privateDir(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** Writes a whole file that only its owner may read; a reader sees the old content or the new one, never half of it. */
export async function writePrivate(path: string, content: string): Promise<void> {
  await privateDir(dirname(path));
  const half = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.half`;
  const file = await open(half, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(half, path);
}

/** A file's text without white space around it, or undefined when there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The secret kept in a file; made by `make` and written (0600) on first use. */
export async function secretIn(path: string, make: () => string): Promise<string> {
  const known = await readIfThere(path);
  if (known !== undefined && known !== '') return known;
  const made = make();
  await writePrivate(path, `${made}\n`);
  return made;
}

/** 32 random bytes as hexadecimal digits: a password without characters that anything has to quote. */
export function randomPassword(): string {
  return randomBytes(32).toString('hex');
}

/** A Standard Webhooks 1.0.0 secret: `whsec_` and the base64 of 32 random bytes. */
export function randomWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
