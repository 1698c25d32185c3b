import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { reached, type Figure } from './figures.js';

export interface Results {
  /** RFC 3339. */
  at: string;
  quick: boolean;
  seconds: number;
  /** A measure broke off: what was measured until then is here all the same. */
  failed: boolean;
  figures: readonly Figure[];
}

/** For programs. @returns where they are, from the root */
export async function writeResults(file: string, results: Results): Promise<string> {
  const path = resolve(file);
  const figures = results.figures.map((figure) => ({ ...figure, reached: reached(figure) }));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify({ ...results, figures }, null, 2)}\n`);
  return path;
}
