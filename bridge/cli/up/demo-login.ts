import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere, writePrivate } from '../../stack/private-files.js';
import { CliError, EXIT } from '../exit-codes.js';

/** What a client needs to be the demo operator. */
const demoLogin = z.object({ jid: z.string(), password: z.string(), host: z.string(), port: z.number() });
export type DemoLogin = z.infer<typeof demoLogin>;

function fileIn(root: string): string {
  return join(root, 'demo-operator.json');
}

/** Keeps it (0600) for `foyer operator-console`. */
export async function keepDemoLogin(root: string, login: DemoLogin): Promise<void> {
  await writePrivate(fileIn(root), `${JSON.stringify(login, null, 2)}\n`);
}

/** There is no demo operator any more. */
export async function forgetDemoLogin(root: string): Promise<void> {
  await rm(fileIn(root), { force: true });
}

/** @throws CliError when `npm start` hasn't run here */
export async function readDemoLogin(root: string): Promise<DemoLogin> {
  const text = await readIfThere(fileIn(root));
  if (text === undefined)
    throw new CliError(`no demo operator in ${root}: run “npm start” first, or name one with --jid`, EXIT.unavailable);
  return demoLogin.parse(JSON.parse(text));
}
