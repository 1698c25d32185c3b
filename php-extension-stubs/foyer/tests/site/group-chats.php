<?php

declare(strict_types=1);

// Group chats of operators as Live Helper Chat's module lhgroupchat changes them; most of its pages dispatch no event.

$group = static fn (int $id): erLhcoreClassModelGroupChat => erLhcoreClassModelGroupChat::fetchAndLock($id);

$join = static function (int $groupId, int $userId, int $since): void {
    $member = new erLhcoreClassModelGroupChatMember();
    $member->user_id = $userId;
    $member->group_id = $groupId;
    $member->jtime = $since;
    $member->saveThis();
};

$newgroupajax = static function (array $ask) use ($join): array {
    $group = new erLhcoreClassModelGroupChat();
    $group->name = $ask['name'];
    $group->type = $ask['type'];
    $group->user_id = 2;
    $group->time = time();
    $group->saveThis();
    $join((int) $group->id, 2, time());
    return ['id' => (int) $group->id];
};

$inviteoperator = static function (array $ask) use ($join, $group): array {
    $join($ask['group'], $ask['user'], 0);
    $group($ask['group'])->updateMembersCount();
    return [];
};

$leave = static function (array $ask) use ($db, $group): array {
    $db->prepare('DELETE FROM lh_group_chat_member WHERE group_id = ? AND user_id = ?')->execute([$ask['group'], $ask['user']]);
    $left = $group($ask['group']);
    $left->updateMembersCount();
    if ((int) $left->type === 1 && (int) $left->tm === 0) {
        $left->removeThis();
    }
    return [];
};

$addmessage = static function (array $ask) use ($db, $events, $group): array {
    $db->beginTransaction();
    $said = new erLhcoreClassModelGroupMsg();
    $said->msg = $ask['text'];
    $said->chat_id = $ask['group'];
    $said->user_id = $ask['user'];
    $said->name_support = erLhcoreClassModelUser::fetch($ask['user'])->name_official;
    $said->time = time();
    $said->saveThis();
    $chat = $group($ask['group']);
    $chat->last_msg_id = $said->id;
    $chat->updateThis(['update' => ['last_msg_id']]);
    $events->dispatch('group_chat.web_add_msg_admin', ['msg' => &$said, 'chat' => &$chat]);
    $db->commit();
    return [];
};

return ['newgroupajax' => $newgroupajax, 'inviteoperator' => $inviteoperator, 'leave' => $leave, 'addmessage' => $addmessage];
