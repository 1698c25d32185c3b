import Router from '@koa/router';
import type { Context } from 'koa';
import type { BusinessEvents } from '../../observe/events.js';
import type { Clock } from '../../shared/clock.js';
import { clockGap } from '../../shared/clock-gap.js';
import { FoyerError } from '../../shared/errors.js';
import { checkWebhook, type SignatureFault } from '../../shared/webhook-signature.js';
import { parseJson, readBody } from '../http/read-body.js';
import { hookBatch, type HookBatch } from './events.js';
import { receiveBatch, type ReceiveDeps } from './receive.js';

export interface HooksDeps extends ReceiveDeps {
  secrets: readonly Buffer[];
  clock: Clock;
  events: BusinessEvents;
}

/** mod_foyer sends 1 MiB at most; a snapshot of many operators may be more. */
const BODY_LIMIT = 8_388_608;

/** Where mod_foyer delivers. The signature is checked over the raw bytes before anything of the body is looked at. */
export function hooksRouter(deps: HooksDeps): Router {
  const router = new Router();
  router.post('/hooks/ejabberd', async (ctx) => {
    ctx.state['route'] = '/hooks/ejabberd';
    try {
      ctx.body = { results: await receiveBatch(deps, await readBatch(ctx, deps)) };
    } catch (error) {
      if (error instanceof FoyerError && error.status < 500) {
        const { reason, clock } = error.details;
        deps.events.hookRefused(
          typeof reason === 'string' ? reason : error.code,
          typeof clock === 'string' ? clock : undefined,
        );
      }
      throw error;
    }
  });
  return router;
}

/** @throws FoyerError why it is refused as a whole */
async function readBatch(ctx: Context, { secrets, clock }: HooksDeps): Promise<HookBatch> {
  const body = await readBody(ctx.req, BODY_LIMIT);
  const headers = {
    'webhook-id': ctx.get('webhook-id') || undefined,
    'webhook-timestamp': ctx.get('webhook-timestamp') || undefined,
    'webhook-signature': ctx.get('webhook-signature') || undefined,
  };
  const now = Math.floor(clock.now().getTime() / 1000);
  const fault = checkWebhook(secrets, headers, body, now);
  if (fault !== null) throw refusal(fault, Number(headers['webhook-timestamp']), now);
  const batch = hookBatch.safeParse(parseJson(body, ctx.get('content-type')));
  if (!batch.success) throw new FoyerError('invalid_request', batch.error.issues[0]?.message ?? 'malformed');
  return batch.data;
}

function refusal(fault: SignatureFault, timestamp: number, now: number): FoyerError {
  if (fault !== 'too_old' && fault !== 'too_new')
    return new FoyerError('signature_invalid', REFUSALS[fault], { reason: fault });
  const gap = `${clockGap(timestamp * 1000, now * 1000)} the bridge’s`;
  const text = `The sender’s clock (webhook-timestamp) is ${gap}: set both by NTP. What waits is taken then.`;
  return new FoyerError('signature_invalid', text, { reason: fault, clock: gap });
}

const REFUSALS = {
  missing: 'webhook-id, webhook-timestamp and webhook-signature are needed.',
  malformed: 'webhook-timestamp must be seconds since 1970.',
  mismatch: 'No signature was made with a secret that is configured here.',
} as const;
