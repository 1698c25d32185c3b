<?php

declare(strict_types=1);

/**
 * Puts an operator's words into a chat as Live Helper Chat's own `restapi/addmsgadmin` does: same rows, same columns, same events, in one transaction under
 * the chat's lock. It adds what the web interface does when a pending chat is taken and REST leaves out: `chat.accept`, counters and workflows.
 */
final class FoyerPosting
{
    private const PENDING = 0;
    private const ACTIVE = 1;
    private const CLOSED = 2;
    private const BOT = 5;
    private const SUB_DEFAULT = 0;
    private const SUB_OWNER_CHANGED = 1;
    private const SUB_VISITOR_CLOSED = 3;
    private const SUB_ON_HOLD = 8;
    private const SUB_SUB_DELIVERED = 3;
    private const VISITOR_LEFT = 1;
    private const VISITOR_REOPENS = 2;
    private const SENT = 1;
    private const SYSTEM = -1;

    private readonly object $dispatcher;

    public function __construct(private readonly Foyer $foyer)
    {
        $this->dispatcher = erLhcoreClassChatEventDispatcher::getInstance();
    }

    /**
     * @param object $chat erLhcoreClassModelChat, locked
     * @param object $user erLhcoreClassModelUser
     * @param string $name for an operator whom Live Helper Chat doesn't know; empty: the user's own
     * @return object the stored message
     */
    public function post(object $chat, object $user, string $text, string $name = ''): object
    {
        $takes = in_array((int) $chat->status, [self::PENDING, self::BOT], true) && (int) $user->invisible_mode === 0;
        if ($takes) {
            $what = (int) $chat->status === self::BOT ? 'bot' : 'pending';
            $this->accept($chat, $user, "has accepted the $what chat by sending a message!");
        }
        $message = new erLhcoreClassModelmsg();
        $message->msg = $text;
        $message->chat_id = $chat->id;
        $message->user_id = $user->id;
        $message->time = time();
        $message->del_st = self::SENT;
        $message->name_support = mb_substr($name === '' ? (string) $user->name_support : $name, 0, 100);
        if ($name === '') {
            $this->alias($message, $chat, (int) $user->id);
        }
        $this->translate($message, $chat);
        $params = ['msg' => &$message, 'chat' => &$chat];
        $this->dispatcher->dispatch('chat.before_msg_admin_saved', $params);
        erLhcoreClassChat::getSession()->save($message);
        $this->mark($chat, $message);
        $chat->last_message = $message;
        $this->dispatcher->dispatch('chat.web_add_msg_admin', $params);
        return $message;
    }

    /** A row that operators see in Live Helper Chat and visitors don't. */
    public function note(object $chat, string $text): void
    {
        $this->storeNote($chat, new erLhcoreClassModelmsg(), $text);
    }

    /** @param object $chat pending or with a bot, locked */
    public function accept(object $chat, object $user, string $how = 'has accepted the chat!'): void
    {
        $before = $chat->getState();
        $previous = (int) $chat->user_id;
        erLhcoreClassGenericBotWorkflow::removePreviousEvents($chat->id);
        $row = new erLhcoreClassModelmsg();
        $row->name_support = $user->name_support;
        $this->alias($row, $chat, (int) $user->id);
        $saving = ['msg' => &$row, 'chat' => &$chat, 'user_id' => $user->id];
        $this->dispatcher->dispatch('chat.before_msg_admin_saved', $saving);
        $action = ['puser_id' => $previous, 'ol' => ['op_pnd_msg'], 'user_id' => $user->id, 'name_support' => $row->name_support];
        $row->meta_msg_array = ['content' => ['accept_action' => $action]];
        $row->meta_msg = json_encode($row->meta_msg_array);
        $words = erTranslationClassLhTranslation::getInstance()->getTranslation('chat/adminchat', $how);
        $this->storeNote($chat, $row, "{$row->name_support} $words");

        $fields = ['status', 'status_sub', 'user_id', 'wait_time', 'usaccept'];
        if ((int) $chat->status === self::BOT) {
            $chat->pnd_time = time() - 2;
            $chat->wait_time = 1;
            $fields[] = 'pnd_time';
        } elseif ((int) $chat->wait_time === 0) {
            $chat->wait_time = max(1, time() - ((int) $chat->pnd_time > 0 ? (int) $chat->pnd_time : (int) $chat->time));
        }
        $chat->status = self::ACTIVE;
        $chat->status_sub = self::SUB_OWNER_CHANGED;
        $chat->user_id = $user->id;
        $chat->usaccept = $user->hide_online;
        $chat->updateThis(['update' => $fields]);
        $this->foyer->chats()->owner((int) $chat->id, (int) $user->id);

        $this->dispatcher->dispatch('chat.web_add_msg_admin', ['msg' => &$row, 'chat' => &$chat]);
        $changed = ['initiator' => 'xmpp', 'chat' => &$chat, 'user_data' => $user, 'previous_attributes' => $before];
        $this->dispatcher->dispatch('chat.data_changed', $changed);
        $this->dispatcher->dispatch('chat.accept', ['chat' => &$chat, 'user_data' => $user]);
        $this->count($chat, [$previous, (int) $user->id]);
        if ($chat->department !== false) {
            $options = ['department' => $chat->department, 'options' => $chat->department->inform_options_array];
            erLhcoreClassChatWorkflow::chatAcceptedWorkflow($options, $chat);
        }
    }

    /** @param list<int> $userIds whose counters of chats have changed; 0 for nobody */
    public function count(object $chat, array $userIds): void
    {
        foreach (array_unique(array_filter($userIds)) as $id) {
            erLhcoreClassChat::updateActiveChats($id);
        }
        if ($chat->department !== false) {
            erLhcoreClassChat::updateDepartmentStats($chat->department);
        }
    }

    private function storeNote(object $chat, object $row, string $text): void
    {
        $row->msg = $text;
        $row->chat_id = $chat->id;
        $row->user_id = self::SYSTEM;
        $row->time = time();
        erLhcoreClassChat::getSession()->save($row);
        $chat->last_msg_id = $row->id;
        $chat->updateThis(['update' => ['last_msg_id']]);
    }

    private function mark(object $chat, object $message): void
    {
        $now = time();
        $fields = ['last_op_msg_time', 'last_msg_id'];
        if ((int) $chat->status_sub === self::SUB_ON_HOLD && !isset($chat->chat_variables_array['lhc_hldu'])) {
            $chat->status_sub = self::SUB_DEFAULT;
            array_push($fields, 'status_sub', 'last_user_msg_time');
        }
        $responder = $chat->auto_responder;
        if ($responder !== false && (int) $responder->active_send_status !== 0) {
            $responder->active_send_status = 0;
            $responder->saveThis();
        }
        $chat->last_op_msg_time = $now;
        $chat->last_msg_id = max((int) $chat->last_msg_id, (int) $message->id);
        if ((int) $chat->status !== self::CLOSED) {
            $chat->has_unread_op_messages = 1;
            $fields[] = 'has_unread_op_messages';
            if ((int) $chat->status_sub_sub === self::SUB_SUB_DELIVERED) {
                $chat->status_sub_sub = self::SUB_DEFAULT;
                $fields[] = 'status_sub_sub';
            }
        }
        if ((int) $chat->operator_typing_id === (int) $message->user_id) {
            $chat->operator_typing = $chat->operator_typing_id = 0;
            array_push($fields, 'operator_typing', 'operator_typing_id');
        }
        if ((int) $chat->unread_op_messages_informed !== 0) {
            $chat->unread_op_messages_informed = 0;
            $fields[] = 'unread_op_messages_informed';
        }
        if ((int) $chat->user_status === self::VISITOR_LEFT && (int) $chat->status_sub !== self::SUB_VISITOR_CLOSED) {
            $chat->user_status = self::VISITOR_REOPENS;
            $fields[] = 'user_status';
            $visitor = $chat->online_user;
            if ($visitor !== false) {
                $visitor->reopen_chat = 1;
                $visitor->saveThis();
            }
        }
        if ((int) $chat->wait_time === 0) {
            $chat->wait_time = $now - ((int) $chat->pnd_time > 0 ? (int) $chat->pnd_time : (int) $chat->time);
            $fields[] = 'wait_time';
        }
        $chat->updateThis(['update' => $fields]);
    }

    private function alias(object $message, object $chat, int $userId): void
    {
        $class = '\LiveHelperChat\Models\Departments\UserDepAlias';
        $class::getAlias(['scope' => 'msg', 'msg' => &$message, 'chat' => &$chat, 'user_id' => $userId]);
    }

    private function translate(object $message, object $chat): void
    {
        if ($chat->chat_locale != '' && $chat->chat_locale_to != '' && ($chat->chat_variables_array['lhc_live_trans'] ?? null) === true) {
            erLhcoreClassTranslate::translateChatMsgOperator($chat, $message);
        }
    }
}
