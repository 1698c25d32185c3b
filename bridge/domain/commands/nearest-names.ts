/** Of these names the ones that were perhaps meant, the nearest first: what begins the same way, or differs by few letters. */
export function nearestNames(typed: string, names: readonly string[], most: number): string[] {
  const wanted = typed.toLowerCase();
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  return names
    .map((name) => {
      const plain = name.toLowerCase();
      const begins = wanted !== '' && (plain.startsWith(wanted) || wanted.startsWith(plain));
      return { name, distance: begins ? 0 : changes(wanted, plain) };
    })
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

/** How many letters must be put in, left out or replaced to make one of the other (Levenshtein). */
function changes(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
