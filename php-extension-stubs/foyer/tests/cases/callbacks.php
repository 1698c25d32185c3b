<?php

declare(strict_types=1);

// What the bridge says, and what becomes of it in Live Helper Chat's tables.

return static fn (TestMariadb $server, TestBridge $bridge): array => [
    'who may call' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $check->same('the bridge', [200, 'test'], $world->callback('callback.test', []));
        $check->same('nobody with another secret', [401, 'signature_invalid'], $world->callback('callback.test', [], ['secret' => 'whsec_rQJHMYhZcYfKuBuakqZWnCGvV5tbQoV5mkalHBp+oXc=']));
        $check->same('not with one byte more', [401, 'signature_invalid'], $world->callback('callback.test', [], ['more' => ' ']));
        $check->same('not an hour later', [401, 'signature_invalid'], $world->callback('callback.test', [], ['now' => time() - 3600]));
        $check->same('not unsigned', [401, 'signature_invalid'], $world->callback('callback.test', [], ['signature' => '']));
        $world->settings(['secrets' => [World::SECRET, 'whsec_rQJHMYhZcYfKuBuakqZWnCGvV5tbQoV5mkalHBp+oXc=']]);
        $check->same('while secrets are changed over, with either', [200, 'test'], $world->callback('callback.test', [], ['secret' => 'whsec_rQJHMYhZcYfKuBuakqZWnCGvV5tbQoV5mkalHBp+oXc=']));
        $world->settings(['secrets' => []]);
        $check->same('nobody before the connection is set up', [503, 'not_connected'], $world->callback('callback.test', []));
    },

    'the first answer to a pending chat' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $chat = $world->knownChat();
        $hello = $world->message($chat, 'Hello');
        $check->same('is taken', [200, 'accepted'], $world->callback('chat.accepted', $world->words('')));
        $check->same('and posted', [200, 'posted'], $world->callback('operator.message', $world->words('!name Bob')));
        $rows = $world->db->query('SELECT msg, user_id, name_support, del_st FROM lh_msg ORDER BY id')->fetchAll(PDO::FETCH_NUM);
        $check->same('as Live Helper Chat writes rows', [
            ['Hello', '0', '', '0'],
            ['Ada Min has accepted the chat!', '-1', 'Ada Min', '0'],
            ["\u{200B}!name Bob", '1', 'Ada Min', '1'],
        ], $rows);
        $now = erLhcoreClassModelChat::fetch($chat->id);
        $check->same('the chat is active, and Ada’s', ['1', '1', '1'], [$now->status, $now->status_sub, $now->user_id]);
        $check->same('its columns say that the visitor has something to read', ['1', '0'], [$now->has_unread_op_messages, $now->unread_op_messages_informed]);
        $check->same('how long the visitor waited', true, (int) $now->wait_time >= 30);
        $check->same('when the operator wrote last', true, (int) $now->last_op_msg_time >= time() - 5);
        $check->same('and which row is the last', (string) ((int) $hello->id + 2), $now->last_msg_id);
        $check->same('others hear of all of it, in this order', [
            'chat.before_msg_admin_saved', 'chat.web_add_msg_admin', 'chat.data_changed', 'chat.accept', 'chat.before_msg_admin_saved', 'chat.web_add_msg_admin',
        ], $world->events->names());
        $check->same('counters and workflows follow', [
            "bot events of chat {$chat->id} removed", 'active chats of 1', 'stats of department 1', "accepted workflow of chat {$chat->id}",
        ], LhcCalls::$made);
        $check->same('nothing of it goes back to the bridge', [], $world->waiting());
        $again = $world->words('and again', 4);
        $check->same('the same callback', [200, 'posted'], $world->callback('operator.message', $again, ['id' => 'same']));
        $check->same('counts once', [200, 'duplicate'], $world->callback('operator.message', $again, ['id' => 'same']));
        $check->same('in the tables too', '4', $world->value('SELECT COUNT(*) FROM lh_msg'));
    },

    'a message to a pending chat takes it by itself' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $chat = $world->knownChat(['user_status' => 1]);
        $world->callback('operator.message', $world->words('Hi'));
        $now = erLhcoreClassModelChat::fetch($chat->id);
        $check->same('the chat is active', ['1', '1'], [$now->status, $now->user_id]);
        $check->same('its widget opens again', ['2', '1'], [$now->user_status, $world->visitor()->reopen_chat]);
        $row = $world->value('SELECT msg FROM lh_msg WHERE user_id = -1');
        $check->same('the note says how', 'Ada Min has accepted the pending chat by sending a message!', $row);
    },

    'an operator who is invisible' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $world->db->exec('UPDATE lh_users SET invisible_mode = 1 WHERE id = 1');
        $chat = $world->knownChat();
        $world->callback('operator.message', $world->words('Hi'));
        $check->same('takes nothing', ['0', '0'], [erLhcoreClassModelChat::fetch($chat->id)->status, erLhcoreClassModelChat::fetch($chat->id)->user_id]);
    },

    'somebody in the web interface was faster' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $chat = $world->knownChat(['status' => 1, 'user_id' => 2]);
        $world->events->dispatch('chat.accept', ['chat' => &$chat, 'user_data' => $world->user(2)]);
        $check->same('the chat stays with whom it has', [200, 'already_accepted'], $world->callback('chat.accepted', $world->words('')));
        $check->same('what Ada wrote goes nowhere, and she is told', [409, 'chat_taken'], $world->callback('operator.message', $world->words('Mine')));
        $now = erLhcoreClassModelChat::fetch($chat->id);
        $check->same('nothing is changed', ['2', '0'], [$now->user_id, $world->value('SELECT COUNT(*) FROM lh_msg')]);
    },

    'one operator hands a chat over to another' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $chat = $world->knownChat(['status' => 1, 'user_id' => 2]);
        $check->same('the bridge says so last', [200, 'handed_over'], $world->callback('chat.accepted', $world->words('')));
        $now = erLhcoreClassModelChat::fetch($chat->id);
        $check->same('the owner is another', ['1', '1', '1'], [$now->user_id, $now->status, $now->status_sub]);
        $check->same('others hear of it, the bridge doesn’t', [true, []], [in_array('chat.chat_owner_changed', $world->events->names(), true), $world->waiting()]);
    },

    'what was said here comes back' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $world->knownChat(['status' => 1]);
        $own = $world->words('web');
        $own['message']['origin'] = 'helpdesk';
        $check->same('and is left aside', [200, 'own'], $world->callback('operator.message', $own));
        $check->same('as are all others', [200, 'ignored'], $world->callback('visitor.message', $own));
        $check->same('no row', '0', $world->value('SELECT COUNT(*) FROM lh_msg'));
    },

    'a visitor without a chat' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $check->same('is invited', [200, 'invited'], $world->callback('operator.message', $world->words('Can I help?', 1)));
        $world->callback('operator.message', $world->words('Anything?', 2));
        $visitor = $world->visitor();
        $check->same('by Ada, with all that she wrote', ["Can I help?\nAnything?", '1', '0', '-1'], [$visitor->operator_message, $visitor->operator_user_id, $visitor->message_seen, $visitor->invitation_id]);
        $check->same('the chat will be hers', '{"lhc_assign_to_me":1}', $visitor->online_attr_system);
        $check->same('the statistics have it', '1', $world->value('SELECT COUNT(*) FROM lh_abstract_proactive_chat_campaign_conv'));
        $check->same('the page is told', 2, array_count_values($world->events->names())['onlineuser.proactive_send_invitation']);
        $words = $world->words('Hi', 1, ['visitor' => ['id' => 9, 'external_id' => '99', 'nick' => null]]);
        $check->same('nobody can’t be invited', [410, 'unknown_visitor'], $world->callback('operator.message', $words));
        $words = $world->words('Hi', 1, ['visitor' => ['id' => 9, 'external_id' => null, 'nick' => null]]);
        $check->same('nor a chat that is gone', [410, 'unknown_chat'], $world->callback('operator.message', $words, ['id' => 'x']));
        $check->same('and a refusal isn’t taken for done', [410, 'unknown_chat'], $world->callback('operator.message', $words, ['id' => 'x']));
    },

    'a visitor whose chat the bridge doesn’t know yet' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $chat = $world->chat();
        $check->same('gets the message there', [200, 'posted'], $world->callback('operator.message', $world->words('Hi', 1)));
        $check->same('which is known from now on', 70, $world->foyer->chats()->find((int) $chat->id)['foyer_id']);
    },

    'a chat that is over' => static function (Check $check) use ($server, $bridge): void {
        foreach ([['status' => 2], ['status' => 1, 'status_sub' => 3]] as $fields) {
            $world = new World($server, $bridge->url);
            $world->account();
            $chat = $world->knownChat($fields);
            $check->same('takes no words, and says so', [409, 'chat_closed'], $world->callback('operator.message', $world->words('Late'), ['id' => 'late']));
            $now = erLhcoreClassModelChat::fetch($chat->id);
            $check->same('the chat isn’t opened', [(string) $fields['status'], '0'], [$now->status, $world->value('SELECT COUNT(*) FROM lh_msg')]);
            $check->same('and that isn’t taken for done', [409, 'chat_closed'], $world->callback('operator.message', $world->words('Late'), ['id' => 'late']));
        }
    },

    'an operator without a user here' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->knownChat(['status' => 1]);
        $check->same('can’t write', [410, 'unknown_operator'], $world->callback('operator.message', $world->words('Hi')));
        $world->settings(['default_user' => 2]);
        $check->same('unless somebody stands for all of them', [200, 'posted'], $world->callback('operator.message', $world->words('Hi')));
        $check->same('under the own name', ['2', 'Ada Min'], $world->db->query('SELECT user_id, name_support FROM lh_msg')->fetch(PDO::FETCH_NUM));
    },

    'a correction' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $chat = $world->knownChat(['status' => 1, 'user_id' => 1]);
        $world->callback('operator.message', $world->words('Teh shoes', 3));
        $check->same('is taken', [200, 'corrected'], $world->callback('operator.message_corrected', $world->words('The shoes', 3)));
        $check->same('changes the row', 'The shoes', $world->value('SELECT msg FROM lh_msg'));
        $check->same('open pages load it anew', 1, preg_match('/^lhinst\.updateMessageRow\(\d+\);$/m', erLhcoreClassModelChat::fetch($chat->id)->operation));
        $check->same('of no message', [200, 'ignored'], $world->callback('operator.message_corrected', $world->words('x', 9)));
    },

    'a message that is taken back' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $chat = $world->knownChat(['status' => 1, 'user_id' => 1]);
        $world->callback('operator.message', $world->words('Oops', 3));
        $world->callback('operator.message', $world->words('Hello', 4));
        $id = (int) $world->value("SELECT id FROM lh_msg WHERE msg = 'Oops'");
        $check->same('is taken away', [200, 'retracted'], $world->callback('operator.message_retracted', $world->words('', 3)));
        $check->same('its row is gone, the others stay', ['Hello'], $world->db->query('SELECT msg FROM lh_msg')->fetchAll(PDO::FETCH_COLUMN));
        $check->same('open pages remove it', "lhinst.updateMessageRow($id);\n", erLhcoreClassModelChat::fetch($chat->id)->operation);
        $check->same('others hear of it, the bridge doesn’t', [1, []], [array_count_values($world->events->names())['chat.msg_removed'], $world->waiting()]);
        $check->same('of no message, or again', [[200, 'ignored'], [200, 'ignored']], [
            $world->callback('operator.message_retracted', $world->words('', 3)),
            $world->callback('operator.message_retracted', $world->words('', 9)),
        ]);
    },

    'an operator types at the XMPP client' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $chat = $world->knownChat(['status' => 1, 'user_id' => 1]);
        $says = static fn (bool $typing, array $with = []): array => $world->callback('operator.typing', ['typing' => $typing] + $world->words(''), $with);
        // As erLhcoreClassModelChat has it: what the visitor's page shows.
        $shown = static function () use ($world, $chat): array {
            $now = erLhcoreClassModelChat::fetch($chat->id);
            return [(int) $now->operator_typing > time() - 60, (int) $now->operator_typing_id];
        };
        $check->same('told', [200, 'typing'], $says(true));
        $check->same('the page shows it, as Ada’s', [true, 1], $shown());
        $says(false);
        $check->same('and no longer', [false, 0], $shown());
        $says(true);
        $world->callback('operator.message', $world->words('Here I am'));
        $check->same('who has written has done typing', [false, 0], $shown());
        $check->same('old news', [[200, 'ignored'], [false, 0]], [$says(true, ['at' => time() - 60]), $shown()]);
        $world->db->exec('UPDATE lh_chat SET user_id = 2, operator_typing = UNIX_TIMESTAMP(), operator_typing_id = 2');
        $says(false);
        $check->same('whose chat it isn’t, changes nothing of its owner’s', [true, 2], $shown());
        $says(true);
        $check->same('nor shows anything', [true, 2], $shown());
        $check->same('nothing of it goes back', [], $world->waiting());
    },

    'closed and released' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $chat = $world->knownChat(['status' => 1, 'user_id' => 1]);
        $world->db->exec('UPDATE lh_userdep SET last_activity = UNIX_TIMESTAMP() WHERE user_id = 1');
        $words = $world->words('', 3, ['operator' => null]);
        $check->same('whoever has it in the web interface keeps it', [200, 'ignored'], $world->callback('chat.waiting', $words));
        $world->db->exec('UPDATE lh_userdep SET last_activity = 0 WHERE user_id = 1');
        $check->same('else it waits', [200, 'waiting'], $world->callback('chat.waiting', $words));
        $check->same('for anybody', ['0', '0'], [erLhcoreClassModelChat::fetch($chat->id)->status, erLhcoreClassModelChat::fetch($chat->id)->user_id]);
        $by = static fn (string $who): array => ['chat' => ['closed_by' => $who] + $world->words('')['chat']] + $world->words('');
        $check->same('one that the bridge gave up', [200, 'ended'], $world->callback('chat.closed', $by('system')));
        $check->same('goes on here', '0', erLhcoreClassModelChat::fetch($chat->id)->status);
        $check->same('one that an operator closed', [200, 'closed'], $world->callback('chat.closed', $by('operator')));
        $check->same('is closed', '2', erLhcoreClassModelChat::fetch($chat->id)->status);
        $check->same('nothing of it goes back', [], $world->waiting());
    },

    'how far the visitor’s words came' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->knownChat(['status' => 1, 'has_unread_messages' => 1]);
        foreach ([1, 2] as $number) {
            $world->foyer->chats()->rememberMessage((int) $world->message($chat, "m$number")->id, 70, $number);
        }
        $state = static fn (int $to, string $state): array => ['chat' => ['id' => 70, 'number' => 1], 'sender' => 'visitor', 'from' => 1, 'to' => $to, 'state' => $state];
        $world->callback('message.state', $state(2, 'delivered'));
        $check->same('delivered', ['2', '2'], $world->db->query('SELECT del_st FROM lh_msg ORDER BY id')->fetchAll(PDO::FETCH_COLUMN));
        $world->callback('message.state', $state(1, 'seen'));
        $check->same('one is read, and one isn’t', [['3', '2'], '1'], [$world->db->query('SELECT del_st FROM lh_msg ORDER BY id')->fetchAll(PDO::FETCH_COLUMN), erLhcoreClassModelChat::fetch($chat->id)->has_unread_messages]);
        $world->callback('message.state', $state(2, 'seen'));
        $world->callback('message.state', $state(2, 'delivered'));
        $check->same('all are read, and stay so', [['3', '3'], '0'], [$world->db->query('SELECT del_st FROM lh_msg ORDER BY id')->fetchAll(PDO::FETCH_COLUMN), erLhcoreClassModelChat::fetch($chat->id)->has_unread_messages]);
    },

    'locked by somebody else' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $chat = $world->knownChat(['status' => 1, 'user_id' => 1]);
        $other = $server->connect('lhc');
        $other->beginTransaction();
        $other->query("SELECT id FROM lh_chat WHERE id = {$chat->id} FOR UPDATE")->fetchAll();
        $world->db->exec('SET SESSION innodb_lock_wait_timeout = 1');
        $check->same('is for later', [503, 'busy'], $world->callback('operator.message', $world->words('Hi'), ['id' => 'w']));
        $other->rollback();
        $check->same('and then done', [200, 'posted'], $world->callback('operator.message', $world->words('Hi'), ['id' => 'w']));
        $check->same('once', '1', $world->value('SELECT COUNT(*) FROM lh_msg'));
    },

    'another extension fails' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $world->knownChat();
        $world->events->listen('chat.accept', static fn () => throw new RuntimeException('not mine'));
        $check->same('the bridge tries again', [500, 'internal'], $world->callback('operator.message', $world->words('Hi')));
        $check->same('and half of it isn’t left', '0', $world->value('SELECT COUNT(*) FROM lh_msg'));
    },
];
