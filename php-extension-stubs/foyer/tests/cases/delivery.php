<?php

declare(strict_types=1);

// From the outbox to the bridge: calls, order, faults.

return static fn (TestMariadb $server, TestBridge $bridge): array => [
    'a chat goes over' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $chat = $world->chat(['email' => 'vera@example.org', 'phone' => '+49 1']);
        $first = $world->message($chat, 'Hello [b]there[/b]');
        $world->events->dispatch('chat.chat_started', ['chat' => &$chat, 'msg' => $first]);
        $meta = '{"content":{"attachements":[{"id":7,"security_hash":"0123456789abcdef0123456789abcdef"}]}}';
        $second = $world->message($chat, 'Anybody?', 0, ['meta_msg' => $meta]);
        $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$second]);
        $check->same('all of it', 2, $world->deliver());
        [$start, $message] = $bridge->asked();
        $check->same('begun with the first words', ['POST /chats', 'lhc-1', 'Hello *there*', (string) $first->id], [$start['call'], $start['body']['desk'], $start['body']['text'], $start['body']['message_id']]);
        $check->same('under a key of its own', 1, preg_match('/^lhc-[0-9a-f]{12}-\d+-\d+$/', (string) $start['key']));
        $check->same('with the API key', 'Bearer K', $start['authorization']);
        $visitor = $start['body']['visitor'];
        $check->same('for the visitor', ['12', 'Vera', 'vera@example.org'], [$visitor['external_id'], $visitor['nick'], $visitor['email']]);
        $check->same('never with the secret hash', false, str_contains(json_encode([$start, $message]), 'SECRETHASH'));
        $text = "Anybody?\nhttps://help.example/index.php/file/downloadfile/7/0123456789abcdef0123456789abcdef";
        $check->same('then the next, with its file', ['POST /chats/70/messages', $text, (string) $second->id], [$message['call'], $message['body']['text'], $message['body']['message_id']]);
        $check->same('the chat is known by its number', 70, $world->foyer->chats()->find((int) $chat->id)['foyer_id']);
        $check->same('messages too', (int) $second->id, $world->foyer->chats()->messageOf(70, 2));
        $check->same('nothing is left', [], $world->waiting());
    },

    'words for a chat from before' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $chat = $world->chat(['status' => 1, 'time' => time() - 90]);
        $world->message($chat, 'Before the connection', 0, ['time' => time() - 80]);
        $world->settings(['connected_at' => time() - 60]);
        $message = $world->message($chat, 'Still here');
        $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$message]);
        $world->deliver();
        $asked = $bridge->asked();
        $check->same('begin it, and nothing older is told', [1, 'Still here'], [count($asked), $asked[0]['body']['text']]);
    },

    'a chat without words' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $chat = $world->chat(['online_user_id' => 0]);
        $world->events->dispatch('chat.chat_started', ['chat' => &$chat, 'msg' => false]);
        $world->deliver();
        [$asked] = $bridge->asked();
        $check->same('begins without them', ['POST /chats', false], [$asked['call'], isset($asked['body']['text'])]);
        $check->same('with a contact of its own', false, isset($asked['body']['visitor']['external_id']));
        $world->events->dispatch('chat.chat_started', ['chat' => &$chat]);
        $world->deliver();
        $check->same('once', [], $bridge->calls());
    },

    'operators of the web interface' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $chat = $world->knownChat(['status' => 1]);
        foreach ([1 => 'Ada Min', 2 => 'Bob Web'] as $id => $name) {
            $message = $world->message($chat, "by $name", $id, ['name_support' => $name]);
            $world->events->dispatch('chat.web_add_msg_admin', ['msg' => &$message, 'chat' => &$chat]);
        }
        $world->deliver();
        [$ada, $bob] = array_column($bridge->asked(), 'body');
        $check->same('with an account by their number', [40, false], [$ada['operator_id'], isset($ada['author'])]);
        $check->same('others by their name', ['Bob Web', false], [$bob['author'], isset($bob['operator_id'])]);
    },

    'the bridge is down, then back' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $chat = $world->knownChat();
        foreach (['one', 'two', 'three'] as $text) {
            $message = $world->message($chat, $text, 2, ['name_support' => 'Bob Web']);
            $world->events->dispatch('chat.web_add_msg_admin', ['chat' => &$chat, 'msg' => &$message]);
        }
        $bridge->stop();
        $started = microtime(true);
        $check->same('nothing goes', 0, $world->deliver());
        $check->same('and takes no time', true, microtime(true) - $started < 3);
        $check->same('requests leave it alone meanwhile', true, $world->foyer->outbox()->bridgeIsAway(time()));
        $check->same('the state says why', true, $world->foyer->outbox()->state()['error'] !== null);
        $bridge->start();
        $check->same('before the time nothing is tried', 0, $world->deliver());
        $world->db->exec('UPDATE lhc_foyer_outbox SET next_at = 0');
        $check->same('then all of it', 3, $world->deliver());
        $check->same('in order', ['one', 'two', 'three'], array_map(static fn (array $asked): string => $asked['body']['text'], $bridge->asked()));
        $check->same('and requests may try again', false, $world->foyer->outbox()->bridgeIsAway(time()));
    },

    'one must wait' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $bridge->answer([['#^DELETE /visitors/1/#', 429, [], 0]]);
        foreach ([['v1', '1'], ['v1', '2'], ['v3', '3']] as [$lane, $id]) {
            $world->foyer->outbox()->add($lane, 'gone', ['external_id' => $id]);
        }
        $world->deliver();
        $check->same('those behind it in its lane don’t overtake, others do', ['DELETE /visitors/1/presence', 'DELETE /visitors/3/presence'], $bridge->calls());
    },

    'the bridge is slow' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $bridge->answer([['#^POST /chats/70/messages$#', 202, [], 1.5]]);
        $chat = $world->knownChat();
        $message = $world->message($chat, 'one');
        $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$message]);
        $check->same('nobody waits for it', 0, $world->deliver(0.3));
        $check->same('the entry does', ['v12 words'], $world->waiting());
    },

    'refusals' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $chat = $world->knownChat();
        $send = static function (string $text) use ($world, &$chat): void {
            $message = $world->message($chat, $text);
            $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$message]);
        };
        $bridge->answer([['#^POST /chats/70/messages$#', 422, ['code' => 'message_too_long', 'detail' => 'too long'], 0]]);
        $send('too long');
        $world->deliver();
        $world->deliver();
        $check->same('asked once', 1, count($bridge->calls()));
        $dead = $world->foyer->outbox()->listDead(10);
        $check->same('for good: kept for a person', ['HTTP 422 message_too_long: too long'], array_column($dead, 'error'));
        $check->same('without what was said', false, isset($dead[0]['payload']));
        $bridge->answer([]);
        $send('short');
        $check->same('those behind it go on', 1, $world->deliver());
        $world->foyer->outbox()->resend((int) $dead[0]['id']);
        $check->same('and it can be sent again', 1, $world->deliver());

        foreach ([[503, []], [429, []], [401, ['code' => 'unauthenticated']]] as [$status, $body]) {
            $bridge->answer([['#^POST /chats/70/messages$#', $status, $body, 0]]);
            $send("at $status");
            $world->deliver();
            $check->same("$status is for later", ['0'], array_column($world->entries(), 'dead'));
            $world->db->exec('DELETE FROM lhc_foyer_outbox');
            $world->db->exec('DELETE FROM lh_msg');
        }
    },

    'the bridge has closed the chat' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $chat = $world->knownChat(['status' => 1]);
        $bridge->answer([
            ['#^POST /chats/70/messages$#', 409, ['code' => 'chat_closed'], 0],
            ['#^POST /chats$#', 201, ['chat' => ['id' => 71], 'message' => ['number' => 1]], 0],
        ]);
        $message = $world->message($chat, 'One more thing');
        $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$message]);
        $world->deliver();
        $check->same('the visitor’s words begin another', ['POST /chats/70/messages', 'POST /chats'], $bridge->calls());
        $check->same('which is the chat’s now', 71, $world->foyer->chats()->find((int) $chat->id)['foyer_id']);
        $world->foyer->chats()->ended((int) $chat->id);
        $web = $world->message($chat, 'Bye', 2, ['name_support' => 'Bob']);
        $world->events->dispatch('chat.web_add_msg_admin', ['msg' => &$web, 'chat' => &$chat]);
        $world->deliver();
        $check->same('those of an operator don’t', [[], []], [$bridge->calls(), $world->waiting()]);
    },

    'a desk is missing' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $bridge->answer([
            ['#^PUT /visitors/12/presence$#', 404, ['code' => 'not_found'], 0],
            ['#^GET /desks$#', 200, ['desks' => []], 0],
        ]);
        $visitor = $world->visitor();
        $world->events->dispatch('onlineuser.created', ['ou' => &$visitor, 'tpl' => false]);
        $world->deliver();
        $calls = $bridge->calls();
        $check->same('it is made', ['PUT /visitors/12/presence', 'GET /desks', 'POST /departments', 'POST /desks', 'PUT /visitors/12/presence'], array_slice($calls, 0, 5));
        $check->same('and operators are put there', true, in_array('PATCH /operators/40', $calls, true));
    },

    'a new name' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $chat = $world->knownChat();
        foreach ([[true, 'Vera', []], [true, 'Old', ['PUT /visitors/12/presence']], [false, 'Old', []]] as [$online, $nick, $wanted]) {
            $bridge->answer([['#^GET /visitors/12$#', 200, ['visitor' => ['online' => $online, 'nick' => $nick]], 0]]);
            $world->events->dispatch('chat.nick_changed', ['chat' => &$chat]);
            $world->deliver();
            $check->same("for who was $nick, " . ($online ? 'there' : 'gone'), ['GET /visitors/12', ...$wanted], $bridge->calls());
        }
    },

    'old page views' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $visitor = $world->visitor();
        $world->events->dispatch('onlineuser.created', ['ou' => &$visitor, 'tpl' => false]);
        $world->db->exec('UPDATE lhc_foyer_outbox SET ctime = ctime - 400');
        $world->deliver();
        $check->same('nobody needs to know of', [[], []], [$bridge->calls(), $world->waiting()]);
    },

    'marks and ends' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $chat = $world->knownChat(['status' => 1, 'last_msg_id' => 90]);
        $world->foyer->chats()->rememberMessage(88, 70, 4);
        $world->foyer->chats()->rememberMessage(95, 70, 5);
        $world->events->dispatch('chat.messages_read', ['chat' => &$chat]);
        $world->events->dispatch('chat.explicitly_closed', ['chat' => &$chat, 'msg' => null]);
        $world->events->dispatch('chat.close', ['chat' => &$chat, 'user_data' => false]);
        $world->deliver();
        [$seen, $close] = $asked = $bridge->asked();
        $check->same('read up to a number of the bridge’s', ['POST /chats/70/seen', 4], [$seen['call'], $seen['body']['number']]);
        $check->same('closed once, by whom it was', ['POST /chats/70/close', 'visitor', 2], [$close['call'], $close['body']['by'], count($asked)]);
        $next = $world->chat();
        $world->foyer->chats()->lane((int) $next->id, 12);
        $world->foyer->chats()->bind((int) $next->id, 70);
        $world->foyer->chats()->bind((int) $chat->id, 70);
        $world->events->dispatch('chat.delete', ['chat' => &$chat, 'user' => null]);
        $world->deliver();
        $check->same('an older chat doesn’t end what a newer one goes on with', [], $bridge->calls());
        $check->same('deleted is forgotten', null, $world->foyer->chats()->find((int) $chat->id));
    },

    'who has a chat, and what it says' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $chat = $world->knownChat(['status' => 1, 'user_id' => 1]);
        $say = static function (string $kind, array $payload) use ($world, $chat, $bridge): array {
            $world->foyer->outbox()->add('v12', $kind, ['chat_id' => (int) $chat->id] + $payload);
            $world->deliver();
            return array_map(static fn (array $asked): array => [$asked['call'], $asked['body']], $bridge->asked());
        };
        $check->same('Ada, who has an account', [['POST /chats/70/assign', ['operator' => 40]]], $say('assign', ['by' => '']));
        $world->db->exec("UPDATE lh_chat SET user_id = 2 WHERE id = {$chat->id}");
        $check->same('Bob, who has none', [['POST /chats/70/assign', ['holder' => 'Bob Web']]], $say('assign', ['by' => 'Ada Min']));
        $check->same('one that isn’t put back', [], $say('release', []));
        $world->db->exec("UPDATE lh_chat SET status = 0 WHERE id = {$chat->id}");
        $check->same('one that nobody has', [], $say('assign', ['by' => '']));
        $world->db->exec("INSERT INTO lhc_foyer_department (dep_id, foyer_id, desk) VALUES (1, 9, 'lhc-1')");
        $check->same('one that waits again', [['POST /chats/70/transfer', ['department' => 9, 'author' => 'Live Helper Chat']]], $say('release', []));
        $check->same('the name', [['PATCH /chats/70/visitor', ['nick' => 'Vera']]], $say('rename', ['nick' => 'Vera']));
        $check->same('typing', [['POST /chats/70/typing', ['typing' => false]]], $say('typing', ['body' => ['typing' => false]]));
        $message = $world->message($chat, 'Hello [b]you[/b]');
        $check->same('a message that the bridge hasn’t got', [], $say('edit', ['message' => (int) $message->id]));
        $world->foyer->chats()->rememberMessage((int) $message->id, 70, 4);
        $check->same('an edit', [['PATCH /chats/70/messages/4', ['text' => 'Hello *you*']]], $say('edit', ['message' => (int) $message->id]));
        $check->same('a deletion', [['DELETE /chats/70/messages/4', null]], $say('delete', ['message' => (int) $message->id]));
        $world->foyer->outbox()->add('v12', 'typing', ['chat_id' => (int) $chat->id, 'body' => ['typing' => true]]);
        $world->db->exec('UPDATE lhc_foyer_outbox SET ctime = ctime - 60');
        $world->deliver();
        $check->same('typing of long ago', [[], []], [$bridge->calls(), $world->waiting()]);
    },

    'a chat that somebody here has already' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $chat = $world->chat(['status' => 1, 'user_id' => 2]);
        $message = $world->message($chat, 'Hello');
        $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$message]);
        $world->deliver();
        $check->same('is said to be his', ['POST /chats', 'POST /chats/70/assign'], $bridge->calls());
    },

    'two processes' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $other = $server->connect('lhc');
        $other->query("SELECT GET_LOCK(CONCAT('foyer.', MD5(CONCAT(DATABASE(), '.', 'v12'))), 0)")->fetchAll();
        $chat = $world->knownChat();
        $message = $world->message($chat, 'one');
        $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$message]);
        $check->same('one lane is served by one', 0, $world->deliver());
        $other->query('SELECT RELEASE_ALL_LOCKS()')->fetchAll();
        $check->same('then by the next', 1, $world->deliver());
    },

    'many processes of the web server' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $chat = $world->knownChat();
        $message = $world->message($chat, 'one');
        $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$message]);
        $others = $server->connect('lhc');
        foreach ([1, 2, 3] as $number) {
            $others->query("SELECT GET_LOCK(CONCAT('foyer.', MD5(CONCAT(DATABASE(), '.', 'place $number'))), 0)")->fetchAll();
        }
        $check->same('only three wait for the bridge at once', 0, FoyerAfterAnswer::deliver($world->foyer, ['v12']));
        $others->query('SELECT RELEASE_ALL_LOCKS()')->fetchAll();
        $world->foyer->outbox()->add('c9', 'close', ['chat_id' => 9, 'by' => 'helpdesk']);
        $check->same('whoever has a place serves the others’ lanes too', 2, FoyerAfterAnswer::deliver($world->foyer, ['v12']));
    },

    'away for many lanes' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        foreach (['v1', 'v2', 'v3'] as $lane) {
            $world->foyer->outbox()->add($lane, 'gone', ['external_id' => substr($lane, 1)]);
        }
        $bridge->answer([['#^DELETE /visitors/#', 503, [], 0]]);
        $world->deliver();
        $check->same('one try shows it', 1, count($bridge->calls()));
        $bridge->answer([]);
        $check->same('the first answer lets all go, also the one that had to wait', 3, $world->deliver());
    },

    'killed between the answer and its note' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $chat = $world->chat(['online_user_id' => 0]);
        $message = $world->message($chat, 'Hello');
        $world->events->dispatch('chat.chat_started', ['chat' => &$chat, 'msg' => $message]);
        $world->db->exec('CREATE TRIGGER fault BEFORE UPDATE ON lhc_foyer_chat FOR EACH ROW SIGNAL SQLSTATE \'45000\' SET MESSAGE_TEXT = \'gone\'');
        $world->deliver();
        $world->db->exec('DROP TRIGGER fault');
        $world->db->exec('UPDATE lhc_foyer_outbox SET next_at = 0');
        $world->deliver();
        [$first, $again] = $bridge->asked();
        $check->same('the same call comes again', [$first['key'], $first['body']], [$again['key'], $again['body']]);
        $check->same('and ends it', [], $world->waiting());
    },

    'what no event tells' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $chat = $world->knownChat(['status' => 1]);
        $first = $world->message($chat, 'told');
        $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$first]);
        $world->deliver();
        $bridge->asked();
        $world->message($chat, 'untold', 0, ['time' => time() - 60]);
        $unknown = $world->chat(['online_user_id' => 0, 'time' => time() - 60]);
        $world->message($unknown, 'nobody heard', 0, ['time' => time() - 60]);
        $world->db->exec('DELETE FROM lh_users WHERE id = 1');
        $cron = new FoyerCron($world->foyer);
        $cron->run(10, static fn (string $line) => null);
        $calls = $bridge->calls();
        sort($calls);
        $check->same('a message, a chat, and a user deleted by REST are found', ['DELETE /operators/40', 'POST /chats', 'POST /chats/70/messages'], $calls);
        $world->db->exec("UPDATE lh_chat SET user_id = 2 WHERE id = {$chat->id}");
        $cron->run(10, static fn (string $line) => null);
        $cron->run(10, static fn (string $line) => null);
        $check->same('another owner by REST, once', ['POST /chats/70/assign'], $bridge->calls());
        $world->db->exec("DELETE FROM lhc_foyer_chat WHERE chat_id = {$unknown->id}");
        $world->db->exec("DELETE FROM lh_chat WHERE id = {$unknown->id}");
        $world->db->exec("DELETE FROM lh_chat WHERE id = {$chat->id}");
        $cron->run(10, static fn (string $line) => null);
        $cron->run(10, static fn (string $line) => null);
        $check->same('a chat deleted by REST is closed, once', ['POST /chats/70/close'], $bridge->calls());
    },
];
