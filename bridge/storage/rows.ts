import type { Account } from '../domain/accounts/account.js';
import type { Chat } from '../domain/chats/chat.js';
import type { Message } from '../domain/chats/message.js';
import { PLAIN_WIDGET } from '../domain/desks/widget-settings.js';
import type { Desk, Instance } from '../domain/instances/instance.js';
import type { Operator } from '../domain/operators/operator.js';
import type { Visitor } from '../domain/visitors/visitor.js';
import type { Row } from './pool.js';

/** Database rows as the domain's types. Each select list stands beside the function that reads it. */

export const INSTANCE_COLUMNS =
  'instances.id, instances.name, instances.host, instances.callback_url, instances.state, instances.language, instances.max_operators, ' +
  'instances.max_visitors_online, instances.max_open_chats, instances.max_chats_per_day, ' +
  'instances.max_messages_per_minute, instances.max_requests_per_minute';
export function toInstance(row: Row): Instance {
  return {
    id: row['id'],
    name: row['name'],
    host: row['host'],
    callbackUrl: row['callback_url'],
    state: row['state'],
    language: row['language'],
    limits: {
      operators: row['max_operators'],
      visitorsOnline: row['max_visitors_online'],
      openChats: row['max_open_chats'],
      chatsPerDay: row['max_chats_per_day'],
      messagesPerMinute: row['max_messages_per_minute'],
      requestsPerMinute: row['max_requests_per_minute'],
    },
  };
}

export const DESK_COLUMNS =
  'desks.id, desks.instance_id, desks.desk_key, desks.name, desks.state, desks.department_id, desks.allowed_origins, desks.ask_rating, ' +
  'desks.preview, desks.who, desks.member_groups, desks.keep_guest_chat, desks.redirect_to, desks.redirect_how, desks.follow_up, desks.mail_to, desks.texts, desks.pool_size, desks.pool_when_used_up, desks.session_delay_seconds, desks.widget';
export function toDesk(row: Row): Desk {
  return {
    id: row['id'],
    instanceId: row['instance_id'],
    key: row['desk_key'],
    name: row['name'],
    state: row['state'],
    departmentId: row['department_id'],
    allowedOrigins: JSON.parse(row['allowed_origins'] as string),
    askRating: row['ask_rating'] === 1,
    preview: row['preview'] === 1,
    who: row['who'],
    memberGroups: JSON.parse(row['member_groups'] as string),
    keepGuestChat: row['keep_guest_chat'] === 1,
    pool:
      row['pool_size'] === null
        ? null
        : {
            size: row['pool_size'],
            whenUsedUp: row['pool_when_used_up'],
            sessionDelaySeconds: row['session_delay_seconds'],
          },
    redirectTo: row['redirect_to'],
    redirectHow: row['redirect_how'],
    followUp: row['follow_up'],
    mailTo: row['mail_to'],
    texts: JSON.parse(row['texts'] as string),
    widget: row['widget'] === null ? PLAIN_WIDGET : JSON.parse(row['widget'] as string),
  };
}

export const ACCOUNT_COLUMNS =
  'accounts.id, accounts.instance_id, accounts.kind, accounts.local, accounts.host, accounts.name, accounts.roster_group, accounts.pooled, accounts.state';
export function toAccount(row: Row): Account {
  return {
    id: row['id'],
    instanceId: row['instance_id'],
    kind: row['kind'],
    local: row['local'],
    host: row['host'],
    name: row['name'],
    rosterGroup: row['roster_group'],
    pooled: row['pooled'] === 1,
    state: row['state'],
  };
}

export const OPERATOR_COLUMNS =
  'operators.id, operators.instance_id, operators.account_id, operators.name, operators.max_chats, operators.paused, operators.off_duty, operators.manager, operators.language, operators.skills, ' +
  'operators.speaks, operators.preview, operators.approved, operators.disabled_at, accounts.local, accounts.host';
/** From `operators JOIN accounts`. */
export function toOperator(row: Row): Operator {
  return {
    id: row['id'],
    instanceId: row['instance_id'],
    accountId: row['account_id'],
    name: row['name'],
    jid: `${row['local']}@${row['host']}`,
    maxChats: row['max_chats'],
    paused: row['paused'] === 1,
    offDuty: row['off_duty'] === 1,
    manager: row['manager'] === 1,
    language: row['language'],
    skills: JSON.parse(row['skills'] as string),
    speaks: JSON.parse(row['speaks'] as string),
    preview: row['preview'] === 1,
    approved: row['approved'] === 1,
    disabled: row['disabled_at'] !== null,
  };
}

export const VISITOR_COLUMNS =
  'visitors.id, visitors.instance_id, visitors.desk_id, visitors.external_id, visitors.nick, visitors.email, visitors.language, visitors.page_url, ' +
  'visitors.page_title, visitors.referrer, visitors.user_agent, visitors.custom, visitors.greeted, visitors.member, visitors.site_groups, visitors.account_id, visitors.open_chat_id, visitors.last_chat_id, visitors.online, ' +
  'visitors.erased_at, visitors.created_at';
export function toVisitor(row: Row): Visitor {
  return {
    id: row['id'],
    instanceId: row['instance_id'],
    deskId: row['desk_id'],
    externalId: row['external_id'],
    nick: row['nick'],
    email: row['email'],
    language: row['language'],
    pageUrl: row['page_url'],
    pageTitle: row['page_title'],
    referrer: row['referrer'],
    userAgent: row['user_agent'],
    custom: row['custom'] === null ? {} : JSON.parse(row['custom'] as string),
    member: row['member'] === 1,
    groups: row['site_groups'] === null ? [] : JSON.parse(row['site_groups'] as string),
    greeted: row['greeted'] === null ? [] : JSON.parse(row['greeted'] as string),
    accountId: row['account_id'],
    openChatId: row['open_chat_id'],
    lastChatId: row['last_chat_id'],
    online: row['online'] === 1,
    erased: row['erased_at'] !== null,
    createdAt: row['created_at'],
  };
}

export const CHAT_COLUMNS =
  'chats.id, chats.instance_id, chats.number, chats.visitor_id, chats.account_id, chats.desk_id, chats.department_id, chats.state, chats.initiator, ' +
  'chats.operator_id, chats.held_by, chats.room_id, chats.last_number, chats.feed_number, chats.text_bytes, chats.seen_by_visitor, chats.seen_by_operator, ' +
  'chats.acked_to, chats.delivered_to, chats.created_at, chats.accepted_at, chats.closed_at, chats.closed_by, ' +
  'chats.queued_at, chats.waiting_since, chats.overflowed, chats.no_contact, chats.wants, chats.handover, chats.redirect, chats.position, ' +
  'chats.wait_seconds, chats.estimate_seconds, chats.answers';
export function toChat(row: Row): Chat {
  return {
    id: row['id'],
    instanceId: row['instance_id'],
    number: row['number'],
    visitorId: row['visitor_id'],
    accountId: row['account_id'],
    deskId: row['desk_id'],
    departmentId: row['department_id'],
    state: row['state'],
    initiator: row['initiator'],
    operatorId: row['operator_id'],
    heldBy: row['held_by'],
    roomId: row['room_id'],
    lastNumber: row['last_number'],
    feedNumber: row['feed_number'],
    textBytes: row['text_bytes'],
    seenByVisitor: row['seen_by_visitor'],
    seenByOperator: row['seen_by_operator'],
    ackedTo: row['acked_to'],
    deliveredTo: row['delivered_to'],
    createdAt: row['created_at'],
    acceptedAt: row['accepted_at'],
    closedAt: row['closed_at'],
    closedBy: row['closed_by'],
    queuedAt: row['queued_at'],
    waitingSince: row['waiting_since'],
    overflowed: row['overflowed'] === 1,
    noContact: row['no_contact'] === 1,
    wants: row['wants'],
    handover: row['handover'],
    redirect: row['redirect'],
    position: row['position'],
    waitSeconds: row['wait_seconds'],
    estimateSeconds: row['estimate_seconds'],
    answers: row['answers'] === null ? [] : JSON.parse(row['answers'] as string),
  };
}

export const MESSAGE_COLUMNS =
  'messages.chat_id, messages.number, messages.instance_id, messages.sender, messages.operator_id, messages.author_name, messages.text, messages.sender_key, ' +
  'messages.stanza_id, messages.markable, messages.unstyled, messages.state, messages.acked_at, messages.delivered_at, messages.seen_at, ' +
  'messages.corrected_at, messages.deleted_at, messages.created_at';
export function toMessage(row: Row): Message {
  return {
    chatId: row['chat_id'],
    instanceId: row['instance_id'],
    number: row['number'],
    sender: row['sender'],
    operatorId: row['operator_id'],
    authorName: row['author_name'],
    text: row['text'],
    senderKey: row['sender_key'],
    stanzaId: row['stanza_id'],
    markable: row['markable'] === 1,
    unstyled: row['unstyled'] === 1,
    state: row['state'],
    ackedAt: row['acked_at'],
    deliveredAt: row['delivered_at'],
    seenAt: row['seen_at'],
    correctedAt: row['corrected_at'],
    deletedAt: row['deleted_at'],
    createdAt: row['created_at'],
  };
}
