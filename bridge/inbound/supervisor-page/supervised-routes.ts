import { z } from 'zod';
import { id } from '../helpdesk-api/inputs.js';
import type { Route } from '../http/route.js';
import { line } from '../visitor-api/inputs.js';

/**
 * The helpdesk's calls that a supervisor may make, by their operations; each of them looks itself at what the supervisor may see and change. Where there
 * is a body, it says less than the helpdesk's.
 */
const CALLS: Readonly<Record<string, z.ZodType | null>> = {
  getOverview: null,
  getStatistics: null,
  searchTranscripts: null,
  getTranscript: null,
  listenToChat: null,
  listRooms: null,
  listDesks: null,
  listBans: null,
  closeHelpdeskChat: z.strictObject({ by: z.literal('helpdesk').default('helpdesk') }),
  transferChat: null,
  assignChat: z.strictObject({ operator: id, note: line(1000).default('') }),
  declineChat: null,
  watchChat: null,
  unwatchChat: null,
  whisper: null,
  takeOverChat: null,
  banChatVisitor: null,
  deleteBan: null,
  changeDepartment: z.strictObject({ opening: z.enum(['auto', 'open', 'closed']) }),
  changeDesk: z.strictObject({ state: z.enum(['active', 'inactive']) }),
};

/** @param routes of helpdesks */
export function supervisedRoutes(routes: readonly Route[]): Route[] {
  return Object.entries(CALLS).map(([operationId, body]) => {
    const route = routes.find((one) => one.operationId === operationId);
    if (!route) throw new Error(`There is no call ${operationId}`);
    return body === null ? route : { ...route, body };
  });
}
