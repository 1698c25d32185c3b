import type { ErrorCode } from '../../shared/errors.js';
import type { Route } from '../http/route.js';
import { addNoteRoute, listNotesRoute, listTagsRoute, setTagsRoute } from './annotations.js';
import { AccountWatch } from './account-watch.js';
import { deleteCallbackRoute, getCallbackRoute, putCallbackRoute, testCallbackRoute } from './callback.js';
import { banChatRoute, createBanRoute, deleteBanRoute, listBansRoute } from './bans.js';
import {
  changeCannedReplyRoute,
  createCannedReplyRoute,
  deleteCannedReplyRoute,
  listCannedRepliesRoute,
} from './canned-replies.js';
import { assignChatRoute, changeChatVisitorRoute } from './assign-chat.js';
import { deleteMessageRoute, editMessageRoute } from './change-message.js';
import { chatEventsRoute } from './chat-events.js';
import { closeChatRoute, configurationRoute, getChatRoute, listChatsRoute, listMessagesRoute } from './chats.js';
import type { HelpdeskApiDeps } from './deps.js';
import { changeDepartmentRoute, createDepartmentRoute, listDepartmentsRoute } from './departments.js';
import { changeDeskRoute, createDeskRoute, listDesksRoute } from './desks.js';
import { createGroupRoute, deleteGroupRoute, renameGroupRoute, sendToGroupRoute, setMembersRoute } from './groups.js';
import { deleteHoursRoute, getHoursRoute, putHoursRoute } from './hours.js';
import { deleteIdentityRoute, putIdentityRoute } from './identity.js';
import { exportInstanceRoute } from './instance-export.js';
import { destroyInstanceRoute, resumeInstanceRoute, suspendInstanceRoute } from './instance-states.js';
import { changeInstanceRoute, createInstanceRoute, getInstanceRoute, listInstancesRoute } from './instances.js';
import { mailTranscriptRoute } from './mail.js';
import { deliveredRoute, seenRoute, sendMessagesRoute } from './messages.js';
import { listCommandsRoute, runCommandRoute } from './operator-commands.js';
import { listOfflineMessagesRoute, settleOfflineMessageRoute } from './offline-messages.js';
import {
  changeOperatorRoute,
  createOperatorRoute,
  deleteOperatorRoute,
  getOperatorRoute,
  listOperatorsRoute,
  setPasswordRoute,
} from './operators.js';
import { deleteDeadRoute, listDeadRoute, listLanesRoute, resendRoute } from './outbox.js';
import { overviewRoute } from './overview.js';
import { listRejectedRoute, retryRejectedRoute } from './rejected-events.js';
import { redirectChatRoute } from './redirect-chat.js';
import { createRoomBanRoute, deleteRoomBanRoute, kickRoute, listRoomBansRoute } from './room-bans.js';
import { deletePoolRoute, putPoolRoute } from './room-pools.js';
import { getRoomRoute, listRoomsRoute } from './rooms.js';
import { explainRouteRoute, getRulesRoute, putRulesRoute } from './routing.js';
import { signInLinkRoute } from './sign-in-link.js';
import { startChatRoute } from './start-chat.js';
import { statisticsRoute } from './statistics.js';
import { listTranscriptsRoute, transcriptRoute } from './transcripts.js';
import { leaveChatRoute, takeOverRoute, watchChatRoute, whisperRoute } from './supervision.js';
import { declineChatRoute, transferChatRoute } from './transfer-chat.js';
import { typingRoute } from './typing.js';
import {
  deletePresenceRoute,
  eraseVisitorRoute,
  getVisitorByIdRoute,
  getVisitorRoute,
  listVisitorsRoute,
  putPresenceRoute,
  revokeTokenRoute,
} from './visitors.js';
import { putWebPresenceRoute } from './web-presence.js';

/** Before any of them the wrong keys of its address and the requests of its key are counted. */
export const API_REFUSALS: readonly ErrorCode[] = ['rate_limited'];

/** Everything that a helpdesk can call, below /api/v1. */
export function helpdeskRoutes(deps: HelpdeskApiDeps): Route[] {
  const accounts = new AccountWatch((ids) => deps.helpdeskReads.accountStates(ids), deps.shutdown);
  return [
    putPresenceRoute(deps, accounts),
    deletePresenceRoute(deps),
    listVisitorsRoute(deps),
    getVisitorByIdRoute(deps),
    eraseVisitorRoute(deps),
    revokeTokenRoute(deps),
    getVisitorRoute(deps),
    listBansRoute(deps),
    createBanRoute(deps),
    deleteBanRoute(deps),
    startChatRoute(deps, accounts),
    listChatsRoute(deps),
    getChatRoute(deps),
    configurationRoute(deps),
    listMessagesRoute(deps),
    sendMessagesRoute(deps),
    transcriptRoute(deps),
    mailTranscriptRoute(deps),
    chatEventsRoute(deps),
    editMessageRoute(deps),
    deleteMessageRoute(deps),
    typingRoute(deps),
    deliveredRoute(deps),
    seenRoute(deps),
    changeChatVisitorRoute(deps),
    closeChatRoute(deps),
    banChatRoute(deps),
    redirectChatRoute(deps),
    assignChatRoute(deps),
    transferChatRoute(deps),
    declineChatRoute(deps),
    watchChatRoute(deps),
    leaveChatRoute(deps),
    whisperRoute(deps),
    takeOverRoute(deps),
    listTranscriptsRoute(deps),
    listTagsRoute(deps),
    setTagsRoute(deps),
    listNotesRoute(deps),
    addNoteRoute(deps),
    statisticsRoute(deps),
    overviewRoute(deps),
    listOfflineMessagesRoute(deps),
    settleOfflineMessageRoute(deps),
    listOperatorsRoute(deps),
    createOperatorRoute(deps),
    getOperatorRoute(deps),
    changeOperatorRoute(deps),
    deleteOperatorRoute(deps),
    setPasswordRoute(deps),
    signInLinkRoute(deps),
    listCommandsRoute(deps),
    runCommandRoute(deps),
    putWebPresenceRoute(deps),
    listDepartmentsRoute(deps),
    createDepartmentRoute(deps),
    changeDepartmentRoute(deps),
    putPoolRoute(deps),
    deletePoolRoute(deps),
    listRoomsRoute(deps),
    getRoomRoute(deps),
    kickRoute(deps),
    listRoomBansRoute(deps),
    createRoomBanRoute(deps),
    deleteRoomBanRoute(deps),
    createGroupRoute(deps),
    renameGroupRoute(deps),
    setMembersRoute(deps),
    sendToGroupRoute(deps),
    deleteGroupRoute(deps),
    getHoursRoute(deps),
    putHoursRoute(deps),
    deleteHoursRoute(deps),
    getRulesRoute(deps),
    putRulesRoute(deps),
    explainRouteRoute(deps),
    listDesksRoute(deps),
    createDeskRoute(deps),
    changeDeskRoute(deps),
    listCannedRepliesRoute(deps),
    createCannedReplyRoute(deps),
    changeCannedReplyRoute(deps),
    deleteCannedReplyRoute(deps),
    listLanesRoute(deps),
    listDeadRoute(deps),
    resendRoute(deps),
    deleteDeadRoute(deps),
    listRejectedRoute(deps),
    retryRejectedRoute(deps),
    getCallbackRoute(deps),
    putCallbackRoute(deps),
    putIdentityRoute(deps),
    deleteIdentityRoute(deps),
    deleteCallbackRoute(deps),
    testCallbackRoute(deps),
    listInstancesRoute(deps),
    createInstanceRoute(deps),
    getInstanceRoute(deps),
    changeInstanceRoute(deps),
    suspendInstanceRoute(deps),
    resumeInstanceRoute(deps),
    destroyInstanceRoute(deps),
    exportInstanceRoute(deps),
  ];
}
