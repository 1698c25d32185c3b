import { z } from 'zod';
import type { OperatorView } from '../../domain/helpdesk-reads.js';
import { ACCESSES, type OperatorPresence } from '../../domain/operators/operator.js';
import { accountShape } from './present.js';

/** What each access level means. */
export const ACCESS =
  '`answer`: is offered chats; `monitor`: sees them and takes none; `manage`: answers, opens and closes the department by `!queue`, and approves its operators.';

/** What helpdesks are shown of an operator. */
export const operatorShape = z
  .object({
    id: z.int(),
    name: z.string(),
    jid: z.string(),
    account: accountShape.shape.state,
    disabled: z.boolean(),
    max_chats: z.int(),
    paused: z.boolean().meta({ description: 'Takes no new chats for now.' }),
    off_duty: z.boolean().meta({ description: 'The same, as its helpdesk says it: `!resume` doesn’t change it.' }),
    manager: z.boolean().meta({ description: 'May open and close its departments by `!queue`.' }),
    language: z.string().meta({ description: 'Of what Foyer says to the operator.' }),
    skills: z.array(z.string()),
    speaks: z.array(z.string()).meta({ description: 'Languages that the operator answers in.' }),
    approved: z.boolean().meta({ description: 'False: is offered no chats, and can take none.' }),
    departments: z.array(
      z.object({
        id: z.int(),
        name: z.string(),
        priority: z.int(),
        access: z.enum(ACCESSES).meta({ description: ACCESS }),
      }),
    ),
    presence: z.object({
      show: z.enum(['available', 'chat', 'away', 'xa', 'dnd', 'offline']),
      status: z.string().meta({ description: 'The text that the operator’s client set.' }),
      resources: z.int().meta({ description: 'How many clients are online.' }),
      web: z.boolean().meta({ description: 'Logged in at the helpdesk’s pages, as the helpdesk says.' }),
    }),
    open_chats: z.int(),
  })
  .meta({ id: 'Operator' });

const OFFLINE: Pick<OperatorPresence, 'show' | 'status' | 'resources'> = { show: 'offline', status: '', resources: 0 };

export function presentOperator({
  operator,
  accountState,
  presence,
  departments,
  openChats,
  inWeb,
}: OperatorView): z.infer<typeof operatorShape> {
  const { show, status, resources } = presence ?? OFFLINE;
  return {
    id: operator.id,
    name: operator.name,
    jid: operator.jid,
    account: accountState,
    disabled: operator.disabled,
    max_chats: operator.maxChats,
    paused: operator.paused,
    off_duty: operator.offDuty,
    manager: operator.manager,
    language: operator.language,
    skills: [...operator.skills],
    speaks: [...operator.speaks],
    approved: operator.approved,
    departments,
    presence: { show, status, resources, web: inWeb },
    open_chats: openChats,
  };
}
