import type { ErrorCode } from '../../shared/errors.js';
import type { Route } from '../http/route.js';
import { closeChatRoute, getChatRoute, rateRoute, seenRoute, sendMessageRoute, typingRoute } from './chats.js';
import type { VisitorApiDeps } from './deps.js';
import { deskRoute } from './desk.js';
import { eventsRoute } from './events.js';
import { greetVisitorRoute } from './greetings.js';
import { mailRoute } from './mail.js';
import { leaveMessageRoute } from './offline-messages.js';
import { followRedirectRoute } from './redirect.js';
import { startChatRoute } from './start-chat.js';
import { visitsRoute } from './visits.js';

/** Before any of them the page's origin is looked up and the requests of its address are counted. */
export const PAGE_REFUSALS: readonly ErrorCode[] = ['origin_refused', 'rate_limited'];

/** Everything that a page can call, below /visitor/v1. */
export function visitorRoutes(deps: VisitorApiDeps): Route[] {
  return [
    visitsRoute(deps),
    greetVisitorRoute(deps),
    deskRoute(deps),
    startChatRoute(deps),
    getChatRoute(deps),
    sendMessageRoute(deps),
    typingRoute(deps),
    seenRoute(deps),
    followRedirectRoute(deps),
    closeChatRoute(deps),
    rateRoute(deps),
    mailRoute(deps),
    eventsRoute(deps),
    leaveMessageRoute(deps),
  ];
}
