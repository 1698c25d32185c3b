import { describeError } from '../../shared/errors.js';
import type { Check } from './context.js';
import { fail, ok, warn, type Finding } from './finding.js';

const TIMEOUT_MS = 10_000;

export const bridge: Check = {
  name: 'bridge',
  needs: [],
  async run({ base, settings }) {
    if (base === undefined)
      return [fail('the bridge’s port isn’t known (http.port is 0)', 'set http.port or http.public_url')];
    try {
      const answer = await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = await answer.text();
      if (answer.status === 200) {
        const missing = failing(text);
        const finding =
          missing === ''
            ? ok(`the bridge at ${base} is ready`)
            : warn(
                `the bridge at ${base} serves pages, but not all works (${missing})`,
                'see the other lines, and its log',
              );
        return [finding, ...(await publicAddress(settings.http.public_url))];
      }
      return [
        fail(
          `the bridge at ${base} isn’t ready (${failing(text) || answer.status})`,
          'see the other lines, and its log',
        ),
      ];
    } catch (error) {
      return [
        fail(
          `no bridge answers at ${base} (${reasonOf(error)})`,
          'start it (foyer serve), or set http.host and http.port',
        ),
      ];
    }
  },
};

/** From inside, a public address may be out of reach without fault: a warning is all that it earns. */
async function publicAddress(url: string | undefined): Promise<Finding[]> {
  if (url === undefined) return [];
  const address = url.replace(/\/+$/, '');
  try {
    const { status } = await fetch(`${address}/healthz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return [
      status === 200
        ? ok(`${address} leads to the bridge`)
        : warn(`${address} answers with ${status}`, 'compare the proxy with config/nginx.foyer.conf'),
    ];
  } catch (error) {
    return [
      warn(
        `${address} can’t be reached from here (${reasonOf(error)})`,
        'see that the proxy runs and the name resolves',
      ),
    ];
  }
}

function failing(text: string): string {
  try {
    const { checks } = JSON.parse(text) as { checks?: Record<string, string> };
    return Object.entries(checks ?? {})
      .flatMap(([name, state]) => (state === 'ok' ? [] : [`${name} ${state}`]))
      .join(', ');
  } catch {
    return '';
  }
}

/** fetch wraps what happened. */
function reasonOf(error: unknown): string {
  return describeError(error instanceof Error && error.cause instanceof Error ? error.cause : error);
}
