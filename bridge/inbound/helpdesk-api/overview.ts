import { PassThrough } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { OVERVIEW_BOUNDS, overviewOf, type OpenChat } from '../../domain/supervision/overview.js';
import { defineRoute, type Request, type Route } from '../http/route.js';
import { time } from '../http/time.js';
import type { HelpdeskApiDeps } from './deps.js';
import { idNumber } from './inputs.js';
import { checkReach, departmentsOf, keyOf } from './own.js';
import { OverviewWatch, type Snapshot, type Telling } from './overview-watch.js';
import { visitorRefShape } from './present.js';

/** A comment so often keeps a stream alive. */
const HEARTBEAT_MS = 15_000;

const departmentShape = z
  .object({
    id: z.int(),
    name: z.string(),
    opening: z.enum(['auto', 'open', 'closed']).meta({ description: 'By hand; `auto`: by hours and rules.' }),
    open: z.boolean().meta({ description: 'Whether it takes new chats now.' }),
    closed_because: z.enum(['out_of_hours', 'queue_closed', 'queue_full', 'nobody_there']).nullable(),
    waiting: z.int().meta({ description: 'Chats that nobody is asked to take.' }),
    offered: z.int().meta({ description: 'Chats that operators are asked to take.' }),
    active: z.int().meta({ description: 'Chats that an operator has; invitations too.' }),
    waiting_since: time.nullable().meta({ description: 'When the one began to wait that has waited for longest.' }),
    longest_wait: z.number().nullable().meta({ description: 'Seconds, at the time of the overview.' }),
    operators: z.object({
      online: z.int(),
      available: z.int().meta({ description: 'There, approved and not paused, however busy.' }),
      paused: z.int().meta({ description: 'Of those online.' }),
    }),
  })
  .meta({ id: 'DepartmentOverview' });

const chatShape = z
  .object({
    id: z.int(),
    number: z.int(),
    state: z.enum(['waiting', 'offered', 'active', 'invited']),
    department: z.int().meta({ description: 'Its id.' }),
    visitor: visitorRefShape,
    operator: z.int().nullable().meta({ description: 'Id of the owner.' }),
    asked: z.int().meta({ description: 'How many operators are asked to take it.' }),
    asked_operator: z.int().nullable().meta({ description: 'Who is asked, where it is one alone.' }),
    created_at: time,
    waiting_since: time.nullable().meta({
      description: 'Since when it has had no operator; null while one has it, and before the visitor’s first message.',
    }),
    accepted_at: time.nullable(),
    last_number: z.int().meta({ description: 'Messages so far.' }),
  })
  .meta({ id: 'OpenChat' });

const operatorShape = z
  .object({
    id: z.int(),
    name: z.string(),
    show: z.enum(['available', 'chat', 'away', 'xa', 'dnd', 'offline']),
    paused: z.boolean(),
    approved: z.boolean(),
    max_chats: z.int(),
    open_chats: z.int(),
    departments: z.array(z.int()).meta({ description: 'Their ids.' }),
  })
  .meta({ id: 'OperatorOverview' });

const overviewShape = z
  .object({
    at: time.meta({ description: 'When it was so, by the database’s clock.' }),
    departments: z.array(departmentShape),
    chats: z.array(chatShape).meta({
      description: `Chats that aren’t over: first those that wait, the longest in front, then the others, the oldest in front. At most ${OVERVIEW_BOUNDS.chats}.`,
    }),
    more: z.boolean().meta({ description: 'There are more chats.' }),
    operators: z.array(operatorShape).meta({
      description: `Those online first. At most ${OVERVIEW_BOUNDS.operators}.`,
    }),
    more_operators: z.boolean(),
  })
  .meta({ id: 'Overview' });
type OverviewJson = z.infer<typeof overviewShape>;

const changeShape = overviewShape
  .omit({ departments: true })
  .extend({
    departments: z.array(departmentShape).meta({ description: 'All of them.' }),
    chats: z.array(chatShape).meta({ description: 'Those that are new or different. Their order is the overview’s.' }),
    chats_gone: z.array(z.int()).meta({ description: 'Ids.' }),
    operators: z.array(operatorShape).meta({ description: 'Those who are new or different.' }),
    operators_gone: z.array(z.int()),
  })
  .meta({ id: 'OverviewChange', description: 'What differs from the overview before.' });
type ChangeJson = z.infer<typeof changeShape>;

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

function presentOverview({ at, overview }: Snapshot): OverviewJson {
  return {
    at: at.toISOString(),
    departments: overview.departments.map(({ id, name, opening, closed, waitingSince, ...figures }) => ({
      ...{ id, name, opening, open: closed === null, closed_because: closed },
      ...{ waiting: figures.waiting, offered: figures.offered, active: figures.active },
      waiting_since: waitingSince?.toISOString() ?? null,
      longest_wait: waitingSince && Math.max(0, (at.getTime() - waitingSince.getTime()) / 1000),
      operators: { online: figures.online, available: figures.available, paused: figures.paused },
    })),
    chats: overview.chats.map(presentOpenChat),
    more: overview.moreChats,
    operators: overview.operators.map(({ id, name, show, paused, approved, ...rest }) => ({
      ...{ id, name, show, paused, approved },
      ...{ max_chats: rest.maxChats, open_chats: rest.openChats, departments: rest.departmentIds },
    })),
    more_operators: overview.moreOperators,
  };
}

function presentChange(before: Snapshot, now: Snapshot): ChangeJson {
  const [was, is] = [presentOverview(before), presentOverview(now)];
  const chats = differences(was.chats, is.chats);
  const operators = differences(was.operators, is.operators);
  return {
    ...is,
    ...{ chats: chats.changed, chats_gone: chats.gone },
    ...{ operators: operators.changed, operators_gone: operators.gone },
  };
}

function differences<T extends { id: number }>(
  before: readonly T[],
  now: readonly T[],
): { changed: T[]; gone: number[] } {
  const earlier = new Map(before.map((one) => [one.id, one]));
  const changed = now.filter((one) => !isDeepStrictEqual(earlier.get(one.id), one));
  for (const { id } of now) earlier.delete(id);
  return { changed, gone: [...earlier.keys()] };
}

function presentOpenChat(chat: OpenChat): z.infer<typeof chatShape> {
  const { externalId, ...visitor } = chat.visitor;
  return {
    ...{ id: chat.id, number: chat.number, state: chat.state as z.infer<typeof chatShape>['state'] },
    ...{ department: chat.departmentId, visitor: { ...visitor, external_id: externalId } },
    ...{ operator: chat.operatorId, asked: chat.asked, asked_operator: chat.askedOperatorId },
    created_at: chat.createdAt.toISOString(),
    waiting_since: chat.waitingSince?.toISOString() ?? null,
    accepted_at: chat.acceptedAt?.toISOString() ?? null,
    last_number: chat.lastNumber,
  };
}
