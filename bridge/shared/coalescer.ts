/**
 * Joins calls that come while an earlier one is under way into the next one: under load many share one statement, alone nobody waits. Calls are carried
 * out in the order in which they came.
 */
export class Coalescer<I, O> {
  private waiting: { item: I; resolve: (result: O) => void; reject: (error: unknown) => void }[] = [];
  private busy = false;

  /** `run` answers one result for each item, in order; when it throws, that is the error of all of them. */
  constructor(
    private readonly run: (items: I[]) => Promise<O[]>,
    private readonly atMost: number,
  ) {}

  add(item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.busy) {
        this.busy = true;
        setImmediate(() => void this.drain());
      }
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.atMost);
      try {
        const results = await this.run(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, i) => resolve(results[i] as O));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.busy = false;
  }
}
