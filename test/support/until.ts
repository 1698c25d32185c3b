/** Waits until the condition holds, looking every few milliseconds; fails with `what` after `seconds`. */
export async function until<T>(
  condition: () => T | Promise<T>,
  what = 'the condition',
  seconds = 15,
  everyMs = 10,
): Promise<NonNullable<T>> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`Waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
