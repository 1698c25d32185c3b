/**
 * Rows that a transaction has locked and may change in place. At the commit only what changed is written; a work that shares its transaction with
 * others can be taken back alone.
 */
export class Tracked<T extends { readonly id: number }> {
  private readonly rows = new Map<number, { now: T; stored: T }>();
  private journal: Map<number, T | null> | null = null;

  /** The row as this transaction sees it, ready to be changed. */
  find(id: number): T | undefined {
    const row = this.rows.get(id);
    if (row === undefined) return undefined;
    if (this.journal !== null && !this.journal.has(id)) this.journal.set(id, { ...row.now });
    return row.now;
  }

  has(id: number): boolean {
    return this.rows.has(id);
  }

  /** Takes in a row that was just read under a lock. */
  add(row: T): T {
    if (!this.rows.has(row.id)) this.rows.set(row.id, { now: row, stored: { ...row } });
    return this.find(row.id) ?? row;
  }

  /** Takes in a row that was just inserted: taking the work back forgets it. */
  addNew(row: T): T {
    this.rows.set(row.id, { now: row, stored: { ...row } });
    this.journal?.set(row.id, null);
    return row;
  }

  /** From here on changes can be taken back, until `keep`. */
  mark(): void {
    this.journal = new Map();
  }

  keep(): void {
    this.journal = null;
  }

  takeBack(): void {
    for (const [id, before] of this.journal ?? []) {
      const row = this.rows.get(id);
      if (before === null) this.rows.delete(id);
      else if (row !== undefined) Object.assign(row.now, before);
    }
    this.journal = null;
  }

  /** Every row as it is here and as it is stored. */
  all(): Iterable<{ readonly now: T; readonly stored: T }> {
    return this.rows.values();
  }

  /** Rows that differ from what is stored, lowest id first: the one order in which every transaction writes. */
  changed(): T[] {
    const changed: T[] = [];
    for (const { now, stored } of this.rows.values()) {
      const keys = Object.keys(now) as (keyof T)[];
      if (keys.some((key) => now[key] !== stored[key])) changed.push(now);
    }
    return changed.sort((a, b) => a.id - b.id);
  }
}
