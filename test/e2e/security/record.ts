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
