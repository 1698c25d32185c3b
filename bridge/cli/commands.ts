import { accountsExpire } from './accounts.js';
import { callbackRemove, callbackSet, callbackTest } from './callback.js';
import type { Command } from './command.js';
import { banAdd, banList, banRemove } from './ban.js';
import { cannedList, cannedRemove, cannedSet } from './canned.js';
import { configCheck, configExample } from './config.js';
import { departmentAdd, departmentList, departmentSet } from './department.js';
import { departmentHours } from './department-hours.js';
import { deskAdd, deskList, deskSet, deskShow } from './desk.js';
import { doctor } from './doctor/doctor.js';
import { events } from './events.js';
import {
  instanceAdd,
  instanceDestroy,
  instanceExport,
  instanceIdentity,
  instanceList,
  instanceResume,
  instanceSet,
  instanceSuspend,
} from './instance.js';
import { instanceSession } from './site-session.js';
import { jobsList, jobsRun } from './jobs.js';
import { keyAdd, keyList, keyRevoke } from './key.js';
import { migrate } from './migrate.js';
import { offlineDone, offlineExport, offlineList, offlineShow } from './offline-messages.js';
import { operatorConsole } from './operator-console/operator-console.js';
import {
  operatorAdd,
  operatorAssign,
  operatorList,
  operatorPassword,
  operatorRemove,
  operatorSet,
} from './operator.js';
import { operatorLink } from './operator-link.js';
import { outboxDead, outboxDrop, outboxList, outboxResend } from './outbox.js';
import { routingExplain, routingList, routingRemove, routingSet } from './routing.js';
import { roomsList, roomsPool } from './rooms.js';
import { serve } from './serve.js';
import { status } from './status.js';
import { up } from './up/up.js';
import { statistics } from './statistics.js';
import { transcriptsExport, transcriptsSearch } from './transcripts.js';
import { visitorErase, visitorRevoke } from './visitor.js';

/** All there are, in the order of the help. */
export const commands: readonly Command[] = [
  ...[up, operatorConsole, serve, migrate, status, doctor],
  ...[configCheck, configExample],
  ...[
    instanceAdd,
    instanceSet,
    instanceList,
    instanceIdentity,
    instanceSession,
    instanceSuspend,
    instanceResume,
    instanceExport,
    instanceDestroy,
  ],
  ...[departmentAdd, departmentSet, departmentList, departmentHours],
  ...[deskAdd, deskSet, deskShow, deskList, cannedSet, cannedRemove, cannedList],
  ...[routingList, routingSet, routingRemove, routingExplain],
  ...[operatorAdd, operatorSet, operatorAssign, operatorPassword, operatorLink, operatorRemove, operatorList],
  ...[keyAdd, keyList, keyRevoke, visitorRevoke, visitorErase, banAdd, banRemove, banList],
  ...[callbackSet, callbackTest, callbackRemove],
  ...[transcriptsSearch, transcriptsExport, statistics],
  ...[offlineList, offlineShow, offlineDone, offlineExport],
  ...[outboxList, outboxDead, outboxResend, outboxDrop, events],
  ...[roomsList, roomsPool],
  ...[jobsList, jobsRun, accountsExpire],
];
