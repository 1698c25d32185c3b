<?php

declare(strict_types=1);

// What Live Helper Chat dispatches, with the parameters that it really gives, and what is written down for the bridge.

return static fn (TestMariadb $server): array => [
    'a chat begins, with words, without, and for a visitor who isn’t tracked' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->chat();
        $message = $world->message($chat, 'Hello');
        $world->events->dispatch('chat.chat_started', ['request_payload' => [], 'chat' => &$chat, 'msg' => $message]);
        $check->same('one entry in the visitor’s lane', ['v12 words'], $world->waiting());
        $check->same('what was said is read when the bridge is told', ['chat_id' => (int) $chat->id, 'begin' => true], $world->entries()[0]['payload']);
        $other = $world->chat(['online_user_id' => 0]);
        $world->events->dispatch('chat.chat_started', ['chat' => &$other, 'msg' => false]);
        $world->events->dispatch('chat.chat_started', ['chat' => &$other]);
        $check->same('else in a lane of its own', ["c{$other->id} words", "c{$other->id} words"], array_slice($world->waiting(), 1));
    },

    'visitors write by every way in' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->knownChat();
        foreach ([
            'widget' => [],
            'REST' => ['init' => 'restapi'],
            'file' => ['files' => [new stdClass()]],
        ] as $way => $more) {
            $world->db->exec('DELETE FROM lhc_foyer_outbox');
            $message = new erLhcoreClassModelmsg();
            $message->msg = $way;
            $message->chat_id = $chat->id;
            $world->db->beginTransaction();
            $world->events->dispatch('chat.before_msg_user_saved', ['msg' => &$message, 'chat' => &$chat]);
            $message->saveThis();
            $world->db->commit();
            $check->same("$way: an entry in the message’s own transaction", ['v12 words'], $world->waiting());
            // REST gives ids as strings.
            $message->id = (string) $message->id;
            $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$message] + $more);
            $check->same("$way: and no second one for the same", ['v12 words'], $world->waiting());
        }
        $world->db->exec('DELETE FROM lhc_foyer_outbox');
        $hook = $world->message($chat, 'by webhook');
        $params = ['chat' => &$chat, 'msg' => $hook, 'source' => 'webhook', 'webhook' => null, 'webhook_data' => [], 'webhook_msg' => []];
        $world->events->dispatch('chat.messages_added_passive', $params);
        $check->same('webhook: by the event alone', ['v12 words'], $world->waiting());
    },

    'the process is killed after the commit' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->knownChat();
        $message = new erLhcoreClassModelmsg();
        $message->msg = 'last words';
        $message->chat_id = $chat->id;
        $world->db->beginTransaction();
        $world->events->dispatch('chat.before_msg_user_saved', ['msg' => &$message, 'chat' => &$chat]);
        $message->saveThis();
        $world->db->commit();
        $check->same('the entry is there without the event', ['v12 words'], $world->waiting());
        $world->db->beginTransaction();
        $world->events->dispatch('chat.before_msg_user_saved', ['msg' => &$message, 'chat' => &$chat]);
        $world->db->rollback();
        $check->same('and none for what was undone', ['v12 words'], $world->waiting());
    },

    'a call without a usable chat' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $orphan = $world->message((object) ['id' => 0], 'orphan');
        foreach ([false, null, new erLhcoreClassModelChat()] as $chat) {
            $world->events->dispatch('chat.addmsguser', ['chat' => $chat, 'msg' => $orphan]);
            $world->events->dispatch('chat.close', ['chat' => $chat, 'user_data' => false]);
            $world->events->dispatch('chat.data_changed_chat', ['chat_id' => 3]);
        }
        $check->same('writes nothing down', [], $world->waiting());
        $check->same('and complains of nothing', [], erLhcoreClassLog::$lines);
    },

    'operators, bots and auto responders write' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->knownChat(['status' => 1, 'user_id' => 1]);
        $say = static function (object $message, array $more = []) use ($world, &$chat): void {
            $world->events->dispatch('chat.web_add_msg_admin', $more + ['msg' => &$message, 'chat' => &$chat]);
        };
        $say($world->message($chat, 'Ada Min has accepted the pending chat by sending a message!', -1, ['meta_msg' => '{"content":{"accept_action":{"puser_id":0}}}']));
        $say($world->message($chat, 'Hi Vera', 1, ['name_support' => 'Ada Min']), ['ou' => null]);
        $say($world->message($chat, 'Please wait', -2, ['name_support' => 'Live Support']), ['no_auto_events' => true]);
        $say($world->message($chat, 'difficult one', 1, ['name_support' => 'Ada Min', 'meta_msg' => '{"content":{"whisper":true}}']));
        $said = array_map(static fn (array $entry): array => array_intersect_key($entry['payload'], array_flip(['sender', 'user_id', 'author', 'text'])), array_slice($world->entries(), 1));
        $check->same('whoever took the chat by writing has it', 'assign', $world->entries()[0]['kind']);
        $check->same('as whose they are; notes of Live Helper Chat stay there', [
            ['sender' => 'operator', 'user_id' => 1, 'author' => 'Ada Min', 'text' => 'Hi Vera'],
            ['sender' => 'operator', 'user_id' => 0, 'author' => 'Live Support', 'text' => 'Please wait'],
            ['sender' => 'system', 'text' => 'Ada Min (not to the visitor): difficult one'],
        ], $said);
    },

    'a pending chat is taken by words' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->knownChat(['status' => 1, 'user_id' => 2]);
        $message = $world->message($chat, 'Bob here', 2, ['name_support' => 'Bob Web']);
        // The web interface stores a note of its own too, and has no event for it.
        $world->message($chat, 'Bob Web has accepted the pending chat by sending a message!', -1, ['meta_msg' => '{"content":{"accept_action":{"puser_id":0}}}']);
        $world->events->dispatch('chat.web_add_msg_admin', ['msg' => &$message, 'chat' => &$chat, 'ou' => null]);
        $check->same('before they are told', ['v12 assign', 'v12 message'], $world->waiting());
        $more = $world->message($chat, 'and again', 2, ['name_support' => 'Bob Web']);
        $world->events->dispatch('chat.web_add_msg_admin', ['msg' => &$more, 'chat' => &$chat, 'ou' => null]);
        $check->same('once', ['v12 assign', 'v12 message', 'v12 message'], $world->waiting());
        $before = ['status' => 1] + $chat->getState();
        $chat->status = 0;
        $world->events->dispatch('chat.data_changed', ['initiator' => 'user', 'chat' => &$chat, 'previous_attributes' => $before]);
        $chat->status = 1;
        $world->events->dispatch('chat.data_changed', ['initiator' => 'restapi', 'chat' => &$chat, 'previous_attributes' => ['status' => 0] + $chat->getState()]);
        $check->same('and by its status, after it was put back', ['v12 release', 'v12 assign'], array_slice($world->waiting(), 3));
    },

    'a bot has the chat, then hands it over' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->chat(['status' => 5]);
        $first = $world->message($chat, 'I need a person');
        $world->events->dispatch('chat.chat_started', ['chat' => &$chat, 'msg' => $first]);
        $bot = $world->message($chat, 'One moment', -2, ['name_support' => 'Bot']);
        $world->events->dispatch('chat.web_add_msg_admin', ['msg' => &$bot, 'chat' => &$chat]);
        $check->same('people hear nothing of it at first', [], $world->waiting());
        $world->events->dispatch('chat.genericbot_chat_command_transfer', ['action' => [], 'chat' => &$chat]);
        $check->same('and then all of it', ['v12 words', 'v12 message', 'v12 message'], $world->waiting());
    },

    'a chat is taken, transferred, given away, put back, renamed' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->knownChat(['status' => 1, 'user_id' => 1]);
        $world->events->dispatch('chat.accept', ['chat' => &$chat, 'user' => new erLhcoreClassUser(1)]);
        $world->events->dispatch('chat.accept', ['chat' => &$chat, 'user_data' => $world->user(2)]);
        $world->events->dispatch('chat.chat_transfered', ['scope' => 0, 'chat' => &$chat, 'transfer' => new stdClass()]);
        $world->events->dispatch('chat.chat_transfer_accepted', ['chat' => &$chat]);
        $world->events->dispatch('chat.chat_owner_changed', ['chat' => &$chat, 'user' => $world->user()]);
        $world->events->dispatch('chat.chat_owner_changed', ['chat' => &$chat, 'user' => $world->user(2)]);
        $world->events->dispatch('chat.visitor_regular_closed', ['chat' => &$chat]);
        $chat->status = 0;
        $world->events->dispatch('chat.data_changed', ['initiator' => 'user', 'chat' => &$chat, 'user' => new erLhcoreClassUser(1), 'previous_attributes' => ['status' => 1]]);
        $world->events->dispatch('chat.data_changed', ['chat' => &$chat, 'user_data' => $world->user()]);
        $told = array_map(static fn (array $entry): array => [$entry['kind'], $entry['payload']['by'] ?? $entry['payload']['text'] ?? null], $world->entries());
        $check->same('the bridge hears who has it, and by whom', [
            ['assign', ''],
            ['assign', ''],
            ['note', 'The chat is being transferred in the helpdesk.'],
            ['assign', ''],
            ['assign', 'Live Helper Chat'],
            ['assign', 'Bob Web'],
            ['note', 'The visitor has closed the chat window; the chat stays open.'],
            ['release', null],
        ], $told);
        $chat->nick = "Vera\nNew";
        $world->events->dispatch('chat.nick_changed', ['chat' => &$chat]);
        $check->same('the new name is one line', ['nick' => 'Vera New'], $world->entries()[8]['payload']['body']);
        $chat->nick = 'Edited';
        $world->events->dispatch('chat.modified', ['chat' => &$chat, 'params' => []]);
        $check->same('only the newest waits', [['nick' => 'Edited']], array_column(array_column(array_slice($world->entries(), 8), 'payload'), 'body'));
    },

    'a visitor who isn’t tracked is renamed' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->knownChat(['status' => 1, 'online_user_id' => 0, 'nick' => 'Vera']);
        $world->events->dispatch('chat.nick_changed', ['chat' => &$chat]);
        $check->same('in the chat', [["c{$chat->id} rename"], 'Vera'], [$world->waiting(), $world->entries()[0]['payload']['nick']]);
    },

    'messages are edited and removed' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->knownChat(['status' => 1]);
        $message = $world->message($chat, 'Helo');
        $world->events->dispatch('chat.message_updated', ['msg' => &$message, 'chat' => &$chat]);
        $world->events->dispatch('chat.msg_removed', ['msg' => $message, 'chat' => $chat]);
        FoyerLoop::during(static function () use ($world, &$message, &$chat): string {
            $world->events->dispatch('chat.message_updated', ['msg' => &$message, 'chat' => &$chat, 'reason' => 'content_edited']);
            return '';
        });
        $check->same('once each, and not what the bridge did itself', ['v12 edit', 'v12 delete'], $world->waiting());
        $check->same('by the row', (int) $message->id, $world->entries()[0]['payload']['message']);
    },

    'somebody types' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $chat = $world->knownChat(['status' => 1]);
        $typed = static function (string $columns, bool $byVisitor) use ($world, $chat): array {
            $world->db->exec("DELETE FROM lhc_foyer_outbox");
            $world->db->exec("UPDATE lh_chat SET $columns WHERE id = {$chat->id}");
            FoyerTyping::tell($byVisitor, (int) $chat->id);
            return array_map(static fn (array $entry): array => $entry['payload']['body'], $world->entries());
        };
        $check->same('the visitor, with what', [['typing' => true, 'text' => 'I have']], $typed("user_typing = UNIX_TIMESTAMP(), user_typing_txt = 'I have'", true));
        $check->same('and stops', [['typing' => false]], $typed("user_typing = 0, user_typing_txt = ''", true));
        $check->same('what Live Helper Chat refused changes nothing', [], $typed('user_typing = UNIX_TIMESTAMP() - 60', true));
        $check->same('Ada, who has an account', [['typing' => true, 'sender' => 'operator', 'operator_id' => 40]], $typed('operator_typing = UNIX_TIMESTAMP(), operator_typing_id = 1', false));
        $check->same('Bob, who has none', [['typing' => true, 'sender' => 'operator', 'author' => 'Bob Web']], $typed('operator_typing = UNIX_TIMESTAMP(), operator_typing_id = 2', false));
        $world->foyer->chats()->ended((int) $chat->id);
        $check->same('nobody in a chat that is over', [], $typed('user_typing = UNIX_TIMESTAMP()', true));
    },

    'a chat ends' => static function (Check $check) use ($server): void {
        foreach ([
            ['chat.close', ['user_data' => false], ['helpdesk', false]],
            ['chat.close', ['user_data' => null], ['helpdesk', false]],
            ['chat.explicitly_closed', ['msg' => null], ['visitor', false]],
            ['chat.delete', ['user' => new erLhcoreClassUser(1)], ['helpdesk', true]],
        ] as [$event, $params, $wanted]) {
            $world = new World($server);
            $chat = $world->knownChat(['status' => 2]);
            $world->events->dispatch($event, ['chat' => &$chat] + $params);
            $payload = $world->entries()[0]['payload'] ?? [];
            $check->same("$event says by whom, and whether it is gone", $wanted, [$payload['by'] ?? null, $payload['deleted'] ?? null]);
        }
    },

    'the visitor has read' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->knownChat(['last_msg_id' => 9]);
        $world->events->dispatch('chat.messages_read', ['chat' => &$chat]);
        $world->events->dispatch('chat.messages_read', ['chat' => &$chat]);
        $check->same('only the newest mark waits', ['v12 seen'], $world->waiting());
        $world->events->dispatch('chat.messages_delivered', ['chat' => &$chat]);
        $check->same('and the one of what its page has', ['v12 seen', 'v12 delivered'], $world->waiting());
    },

    'a visitor comes, looks at pages, stays, goes' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $visitor = $world->visitor();
        $world->events->dispatch('onlineuser.created', ['ou' => &$visitor, 'tpl' => false]);
        $world->events->dispatch('onlineuser.pageview_logged', ['url_changed' => true, 'ou' => &$visitor, 'tpl' => null]);
        $world->events->dispatch('onlineuser.handle_request', ['new_visitor' => false, 'returning_visitor' => false, 'online_user' => $visitor, 'params' => []]);
        $check->same('only the newest view waits', ['v12 presence'], $world->waiting());
        $body = $world->entries()[0]['payload']['body'];
        $check->same('with page and desk', ['lhc-1', 'https://shop.example/p/1?a=b', 'Shoes'], [$body['desk'], $body['page']['url'], $body['page']['title']]);
        $world->db->exec('DELETE FROM lhc_foyer_outbox');
        $world->db->exec('UPDATE lhc_foyer_visitor SET told_at = told_at - 61');
        $world->events->dispatch('onlineuser.handle_request', ['new_visitor' => false, 'returning_visitor' => false, 'online_user' => $visitor, 'params' => []]);
        $world->events->dispatch('onlineuser.handle_request', ['new_visitor' => false, 'returning_visitor' => false, 'online_user' => $visitor, 'params' => []]);
        $check->same('a minute later a poll is a sign', ['v12 presence'], $world->waiting());
        $world->events->dispatch('chat.online_user.after_remove', ['online_user' => &$visitor]);
        $world->events->dispatch('chat.online_user.after_remove', ['online_user' => &$visitor]);
        $check->same('and is gone once', ['v12 presence', 'v12 gone'], $world->waiting());
        $world->settings(['visitors' => false]);
        $world->events->dispatch('onlineuser.created', ['ou' => &$visitor, 'tpl' => false]);
        $check->same('unless visitors aren’t shown', ['v12 presence', 'v12 gone'], $world->waiting());
    },
];
