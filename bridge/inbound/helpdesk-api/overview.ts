import { PassThrough } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { overviewOf } from '../../domain/supervision/overview.js';
import { defineRoute, type Request, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idNumber } from './inputs.js';
import { checkReach, departmentsOf, keyOf } from './own.js';
import { OverviewWatch, type Snapshot, type Telling } from './overview-watch.js';
import { changeShape, overviewShape, presentChange, presentOverview } from './present-overview.js';

/** A comment so often keeps a stream alive. */
const HEARTBEAT_MS = 15_000;

export function overviewRoute(deps: HelpdeskApiDeps): Route {
  const render = {
    whole: (now: Snapshot) => JSON.stringify(presentOverview(now)),
    change: (before: Snapshot, now: Snapshot) => JSON.stringify(presentChange(before, now)),
  };
  const watch = new OverviewWatch(deps.supervisionReads, deps.pageSessions, render, deps.shutdown);
  return defineRoute({
    method: 'get',
    path: '/overview',
    operationId: 'getOverview',
    summary: 'Departments, open chats and operators at this moment, or whenever something of it changes',
    tag: 'chats',
    auth: { kind: 'key', scope: 'chats' },
    query: z.strictObject({
      department: idNumber.optional().meta({ description: 'What concerns this one alone.' }),
      changes: z.enum(['true', 'false']).default('false').meta({
        description: 'Of a stream: after the first overview tell what has changed alone, as events `change`.',
      }),
    }),
    stream: z.union([overviewShape, changeShape]),
    answers: {
      200: {
        description:
          'The overview; or a stream of them: as it is now, then each time that something has changed, once a second at most. The stream ends when the key is revoked.',
        schema: overviewShape,
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const { department } = request.query;
      if (department !== undefined) checkReach(key, department, 'monitor', 'department');
      const departments = department === undefined ? departmentsOf(key) : [department];
      if (request.ctx.accepts(['application/json', 'text/event-stream']) === 'text/event-stream') {
        stream(watch, request, departments, request.query);
        return undefined;
      }
      const found = await overviewOf(deps.supervisionReads, key.instanceId, departments);
      return { status: 200, body: presentOverview(found) };
    },
  });
}

interface Wanted {
  department?: number | undefined;
  changes: 'true' | 'false';
}

/** A reader that is slow is told all of it when it has read on, and nothing in between. */
function stream(
  watch: OverviewWatch,
  request: Pick<Request, 'ctx' | 'key'>,
  departments: readonly number[] | undefined,
  { department, changes }: Wanted,
): void {
  const { ctx } = request;
  const { instanceId, keyId, supervisor } = keyOf(request);
  const out = new PassThrough();
  let full = false;
  let newest: (() => string) | null = null;
  const write = (text: string): void => {
    full = !out.write(text);
  };
  const tell = ({ whole, change }: Telling, first: boolean): void => {
    if (full) newest = whole;
    else if (first || changes === 'false') write(`event: overview\ndata: ${whole()}\n\n`);
    else write(`event: change\ndata: ${change()}\n\n`);
  };
  out.on('drain', () => {
    full = false;
    const late = newest;
    newest = null;
    if (late !== null && !out.writableEnded) write(`event: overview\ndata: ${late()}\n\n`);
  });
  const beat = setInterval(() => {
    if (!full) write(': still here\n\n');
  }, HEARTBEAT_MS);
  const end = (): void => {
    clearInterval(beat);
    out.end();
  };
  write('retry: 2000\n\n');
  let stop: () => void;
  try {
    stop = watch.watch({
      ...{ instanceId, departments, tell, end },
      credential: supervisor ? { session: supervisor.session } : { keyId },
      seesTheSame: ({ reach }) =>
        department === undefined ? isDeepStrictEqual(reach, supervisor?.reach) : reach.has(department),
    });
  } catch (error) {
    end();
    throw error;
  }
  const gone = (): void => {
    stop();
    end();
  };
  if (ctx.res.closed) return gone();
  ctx.res.once('close', gone);
  ctx.status = 200;
  ctx.type = 'text/event-stream';
  // nginx would otherwise hold the stream back until a buffer is full.
  ctx.set('X-Accel-Buffering', 'no');
  ctx.body = out;
}
