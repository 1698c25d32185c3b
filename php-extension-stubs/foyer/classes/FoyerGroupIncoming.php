<?php

declare(strict_types=1);

/** What happens in the room of a group chat: rows and events as Live Helper Chat's own `groupchat` pages make them. */
final class FoyerGroupIncoming
{
    private const PRIVATE_CHAT = 1;

    public function __construct(private readonly Foyer $foyer)
    {
    }

    /** As groupchat/addmessage. @param array<string, mixed> $data */
    public function message(array $data): string
    {
        $group = $this->lock($data);
        if ($group === null) {
            return 'gone:unknown_group';
        }
        $said = $data['message'] ?? [];
        $account = $this->foyer->operators()->byRef(is_array($said['author'] ?? null) ? $said['author'] : null);
        $user = erLhcoreClassModelUser::fetch($account === null ? $this->foyer->settings()->defaultUser : (int) $account['user_id']);
        if (!is_object($user)) {
            return 'gone:unknown_operator';
        }
        $message = new erLhcoreClassModelGroupMsg();
        $message->time = time();
        $message->user_id = $user->id;
        $message->msg = FoyerText::fromColleague((string) ($said['text'] ?? ''));
        $message->chat_id = $group->id;
        $name = $account === null ? (string) ($said['author_name'] ?? '') : (string) $user->name_official;
        $message->name_support = mb_substr($name, 0, 100);
        $message->saveThis();
        $this->foyer->groups()->rememberMessage((int) $message->id, (int) $group->id, (int) ($said['id'] ?? 0));
        if ((int) $group->type !== self::PRIVATE_CHAT) {
            $this->join($group, (int) $user->id);
        }
        $group->last_msg_op_id = $user->id;
        $group->last_msg = mb_substr($message->msg, 0, 200);
        $group->last_user_msg_time = time();
        $group->last_msg_id = $message->id;
        $group->updateThis(['update' => ['last_msg_op_id', 'last_msg', 'last_user_msg_time', 'last_msg_id']]);
        $this->seen($group, (int) $user->id);
        erLhcoreClassChatEventDispatcher::getInstance()->dispatch('group_chat.web_add_msg_admin', ['msg' => &$message, 'chat' => &$group]);
        return 'posted';
    }

    /** Pages that are open show it when they are loaded anew. @param array<string, mixed> $data */
    public function corrected(array $data): string
    {
        [$group, $message] = $this->said($data);
        if ($group === null || $message === null) {
            return 'ignored';
        }
        $message->msg = FoyerText::fromColleague((string) ($data['message']['text'] ?? ''));
        $message->updateThis(['update' => ['msg']]);
        if ((int) $group->last_msg_id === (int) $message->id) {
            $group->last_msg = mb_substr($message->msg, 0, 200);
            $group->updateThis(['update' => ['last_msg']]);
        }
        return 'corrected';
    }

    /** @param array<string, mixed> $data */
    public function retracted(array $data): string
    {
        [$group, $message] = $this->said($data);
        if ($group === null || $message === null) {
            return 'ignored';
        }
        if ((int) $group->last_msg_id === (int) $message->id) {
            $group->last_msg = '';
            $group->updateThis(['update' => ['last_msg']]);
        }
        $message->removeThis();
        return 'retracted';
    }

    /** @return array{object|null, object|null} the group, locked, and what came from its room earlier */
    private function said(array $data): array
    {
        $group = $this->lock($data);
        $id = $group === null ? null : $this->foyer->groups()->messageOf((int) $group->id, (int) ($data['message']['id'] ?? 0));
        $message = $id === null ? false : erLhcoreClassModelGroupMsg::fetch($id);
        return [$group, is_object($message) ? $message : null];
    }

    /** As groupchat/loadgroupchat: who was invited has joined, and a public group takes everybody. @param array<string, mixed> $data */
    public function joined(array $data): string
    {
        [$group, $userId] = $this->find($data);
        if ($group === null) {
            return 'ignored';
        }
        $joined = $this->join($group, $userId);
        $this->seen($group, $userId);
        return $joined ? 'joined' : 'present';
    }

    /**
     * A client that goes offline leaves the room too: whoever belongs to the group still does. What was said so far has been read.
     *
     * @param array<string, mixed> $data
     */
    public function left(array $data): string
    {
        [$group, $userId] = $this->find($data);
        if ($group !== null) {
            $this->seen($group, $userId);
        }
        return $group === null ? 'ignored' : 'left';
    }

    /** @return bool whether it is new that the user is in the group */
    private function join(object $group, int $userId): bool
    {
        $member = erLhcoreClassModelGroupChatMember::findOne(['filter' => ['group_id' => $group->id, 'user_id' => $userId]]);
        if (is_object($member)) {
            if ((int) $member->jtime > 0) {
                return false;
            }
            $member->jtime = time();
            $member->updateThis(['update' => ['jtime']]);
            return true;
        }
        if ((int) $group->type === self::PRIVATE_CHAT) {
            return false;
        }
        $member = new erLhcoreClassModelGroupChatMember();
        $member->user_id = $userId;
        $member->group_id = $group->id;
        $member->last_activity = time();
        $member->jtime = time();
        $member->saveThis();
        erLhcoreClassChatEventDispatcher::getInstance()->dispatch('group_chat.new_group_chat_member', ['member' => &$member]);
        $group->updateMembersCount();
        return true;
    }

    /** As groupchat/sync: the back office shows as unread what came after. */
    private function seen(object $group, int $userId): void
    {
        FoyerDatabase::run(
            $this->foyer->db(),
            'UPDATE `lh_group_chat_member` SET `last_activity` = :now, `last_msg_id` = :msg WHERE `user_id` = :user AND `group_id` = :group',
            ['now' => time(), 'msg' => (int) $group->last_msg_id, 'user' => $userId, 'group' => (int) $group->id],
        );
    }

    /** @return array{object|null, int} null: no group, or nobody whom it knows */
    private function find(array $data): array
    {
        $account = $this->foyer->operators()->byRef(is_array($data['operator'] ?? null) ? $data['operator'] : null);
        return [$account === null ? null : $this->lock($data), (int) ($account['user_id'] ?? 0)];
    }

    private function lock(array $data): ?object
    {
        $groupId = $this->foyer->groups()->byRoom((int) ($data['room']['id'] ?? 0));
        $group = $groupId === null ? false : erLhcoreClassModelGroupChat::fetchAndLock($groupId);
        return is_object($group) ? $group : null;
    }
}
