import { readdir } from 'node:fs/promises';
import type { Command } from './domain/commands/command.js';
import { createRegistry, type Registry } from './domain/commands/registry.js';

const WORDS = new URL('./domain/commands/words/', import.meta.url);

/** Every command that there is a file for: a new one needs nothing else. Also when the program runs from its sources, as in tests. */
export async function loadCommands(): Promise<Registry> {
  const files = (await readdir(WORDS)).filter((file) => /(?<!\.d)\.[jt]s$/.test(file));
  const modules = await Promise.all(
    files.map(async (file) => (await import(new URL(file, WORDS).href)) as { command: Command }),
  );
  return createRegistry(modules.map(({ command }) => command));
}
