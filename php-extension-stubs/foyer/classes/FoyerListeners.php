<?php

declare(strict_types=1);

/** Which of Live Helper Chat's events are heard, and by whom. */
final class FoyerListeners
{
    /** @var array<string, array{class-string, string}> */
    public const EVENTS = [
        'chat.chat_started' => [FoyerChatEvents::class, 'started'],
        'chat.before_msg_user_saved' => [FoyerChatEvents::class, 'visitorWrites'],
        'chat.addmsguser' => [FoyerChatEvents::class, 'visitorMessage'],
        'chat.messages_added_passive' => [FoyerChatEvents::class, 'visitorMessage'],
        'chat.web_add_msg_admin' => [FoyerChatEvents::class, 'operatorMessage'],
        'chat.desktop_client_admin_msg' => [FoyerChatEvents::class, 'operatorMessage'],
        'chat.genericbot_chat_command_transfer' => [FoyerChatEvents::class, 'botHandedOver'],
        'chat.messages_delivered' => [FoyerChatEvents::class, 'deliveredToVisitor'],
        'chat.messages_read' => [FoyerChatEvents::class, 'readByVisitor'],
        'chat.message_updated' => [FoyerChatEvents::class, 'messageEdited'],
        'chat.msg_removed' => [FoyerChatEvents::class, 'messageRemoved'],
        'chat.accept' => [FoyerChatStateEvents::class, 'accepted'],
        'chat.data_changed' => [FoyerChatStateEvents::class, 'changed'],
        'chat.chat_transfered' => [FoyerChatStateEvents::class, 'transferred'],
        'chat.chat_transfer_accepted' => [FoyerChatStateEvents::class, 'transferAccepted'],
        'chat.chat_owner_changed' => [FoyerChatStateEvents::class, 'ownerChanged'],
        'chat.modified' => [FoyerChatStateEvents::class, 'modified'],
        'chat.nick_changed' => [FoyerChatStateEvents::class, 'nickChanged'],
        'chat.visitor_regular_closed' => [FoyerChatStateEvents::class, 'visitorLeft'],
        'chat.explicitly_closed' => [FoyerChatStateEvents::class, 'closedByVisitor'],
        'chat.close' => [FoyerChatStateEvents::class, 'closed'],
        'chat.delete' => [FoyerChatStateEvents::class, 'deleted'],
        'group_chat.new_group_chat_room' => [FoyerGroupEvents::class, 'room'],
        'group_chat.new_group_chat_member' => [FoyerGroupEvents::class, 'member'],
        'group_chat.new_group_chat_message' => [FoyerGroupEvents::class, 'member'],
        'group_chat.web_add_msg_admin' => [FoyerGroupEvents::class, 'room'],
        'group_chat.remove_group_chat' => [FoyerGroupEvents::class, 'room'],
        'onlineuser.created' => [FoyerVisitorEvents::class, 'seen'],
        'onlineuser.pageview_logged' => [FoyerVisitorEvents::class, 'seen'],
        'onlineuser.handle_request' => [FoyerVisitorEvents::class, 'stillThere'],
        'chat.online_user.after_remove' => [FoyerVisitorEvents::class, 'gone'],
        'user.user_created' => [FoyerUserEvents::class, 'created'],
        'user.user_modified' => [FoyerUserEvents::class, 'modified'],
        'user.account.update' => [FoyerUserEvents::class, 'ownAccount'],
        'user.after_user_departments_update' => [FoyerUserEvents::class, 'departments'],
        'chat.operator_status_changed' => [FoyerUserEvents::class, 'duty'],
        'user.deleted' => [FoyerUserEvents::class, 'deleted'],
        'user.login_after_success_authenticate' => [FoyerUserEvents::class, 'loggedIn'],
        'user.after_logout' => [FoyerUserEvents::class, 'loggedOut'],
        'department.modified' => [FoyerUserEvents::class, 'departmentChanged'],
    ];

    /** @param object $dispatcher erLhcoreClassChatEventDispatcher */
    public static function register(object $dispatcher): void
    {
        foreach (self::EVENTS as $event => $listener) {
            $dispatcher->listen($event, static fn (array $params): array => self::hear($listener, $params));
        }
    }

    /**
     * Whatever goes wrong here is Foyer's own business, never the page's. With one exception: a deadlock has undone the whole transaction of Live Helper
     * Chat, which must not go on as if it were still there.
     *
     * @param array{class-string, string} $listener
     * @param array<string, mixed> $params
     * @return array{} other listeners are heard too
     */
    private static function hear(array $listener, array $params): array
    {
        $db = null;
        $inTransaction = false;
        try {
            $foyer = Foyer::instance();
            if ($foyer->settings()->connected()) {
                $db = $foyer->db();
                $inTransaction = $db->inTransaction();
                [$class, $method] = $listener;
                (new $class($foyer))->$method($params);
            }
        } catch (\Throwable $fault) {
            FoyerLog::fault('listener ' . ($params['lhc_event'] ?? $listener[1]), $fault);
            if ($inTransaction && FoyerDatabase::isDeadlock($fault)) {
                throw $fault;
            }
        }
        return [];
    }
}
