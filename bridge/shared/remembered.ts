import type { Clock } from './clock.js';

/** Values per key that may be a little old; asking many times at once reads once. A failed read isn't remembered. */
export class Remembered<K, V> {
  private readonly values = new Map<K, { value: Promise<V>; until: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly milliseconds: number,
    private readonly read: (key: K) => Promise<V>,
    private readonly atMost = 10_000,
  ) {}

  /** @param read where more is needed for it than the key */
  get(key: K, read: (key: K) => Promise<V> = this.read): Promise<V> {
    const now = this.clock.monotonic();
    const known = this.values.get(key);
    if (known && known.until > now) return known.value;
    if (this.values.size >= this.atMost) this.values.clear();
    const value = read(key);
    this.values.set(key, { value, until: now + this.milliseconds });
    value.catch(() => this.values.delete(key));
    return value;
  }
}
