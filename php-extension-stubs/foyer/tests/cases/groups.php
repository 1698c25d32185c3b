<?php

declare(strict_types=1);

// Group chats of operators, and the rooms that stand for them.

$ada = ['id' => 40, 'name' => 'Ada Min', 'jid' => 'ada@chat.example'];
$room = static fn (array $more = []): array => $more + ['room' => ['id' => 90, 'external_id' => 'x', 'title' => 'Night shift', 'jid' => 'foyer-1@conference.chat.example']];
$words = static fn (string $text, array $author): array => $room(['message' => ['id' => 5, 'author' => $author, 'author_name' => $author['name'], 'text' => $text]]);

return static fn (TestMariadb $server, TestBridge $bridge): array => [
    'a private group' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $world->db->beginTransaction();
        $group = $world->group([2 => time()]);
        $world->events->dispatch('group_chat.new_group_chat_room', ['chat' => &$group]);
        $member = $world->member((int) $group->id, 1, 0);
        $world->events->dispatch('group_chat.new_group_chat_member', ['member' => &$member]);
        $lane = "g{$group->id} group";
        $check->same('is told of in the transaction that makes it', array_fill(0, 2, $lane), $world->waiting());
        $world->db->commit();
        $said = $world->sayInGroup($group, 'Hello [b]all[/b]');
        $world->deliver();
        $asked = $bridge->asked();
        $check->same('as a room, with its members, then what was said', ['POST /rooms', 'PUT /rooms/90/members', 'POST /rooms/90/messages'], array_column($asked, 'call'));
        $check->same('under an id of its own', 1, preg_match("/^lhc-[0-9a-f]{12}-{$group->id}\z/", $asked[0]['body']['external_id']));
        $check->same('who was invited is let in', [40], $asked[1]['body']['members']);
        $check->same('words by their row', ['text' => 'Hello *all*', 'message_id' => "group-{$said->id}", 'author' => 'Bob Web'], $asked[2]['body']);
        $world->sayInGroup($group, 'from Ada', 1);
        $world->events->dispatch('group_chat.new_group_chat_message', ['member' => &$member]);
        $world->deliver();
        [$only] = $bridge->asked();
        $check->same('later just what is new, by who has an account', ['POST /rooms/90/messages', 40], [$only['call'], $only['body']['operator_id']]);
        $world->db->exec("UPDATE lh_group_chat SET name = 'Late shift'");
        FoyerGroupEvents::look();
        $world->deliver();
        [$only] = $bridge->asked();
        $check->same('a new name is its title', ['PATCH /rooms/90', ['title' => 'Late shift']], [$only['call'], $only['body']]);
        $world->db->exec("DELETE FROM lh_group_chat_member WHERE user_id = 1");
        FoyerGroupEvents::look();
        $world->deliver();
        [$only] = $bridge->asked();
        $check->same('who left is put out, though no event says so', ['PUT /rooms/90/members', []], [$only['call'], $only['body']['members']]);
        $group->removeThis();
        $world->events->dispatch('group_chat.remove_group_chat', ['chat' => &$group]);
        $world->deliver();
        $check->same('the room goes with the group', ['DELETE /rooms/90'], $bridge->calls());
        $check->same('and nothing is left of it', [[], 0, 0], [$world->waiting(), (int) $world->value('SELECT COUNT(*) FROM lhc_foyer_group'), (int) $world->value('SELECT COUNT(*) FROM lhc_foyer_group_message')]);
    },

    'a public group' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $world->foyer->operators()->add(2, 'bob');
        $world->foyer->operators()->bind(2, 41, 'bob@chat.example');
        $world->db->exec("INSERT INTO lh_group (id, name) VALUES (1, 'Operators')");
        $world->db->exec('INSERT INTO lh_groupuser (group_id, user_id) VALUES (1, 1)');
        $world->db->exec('INSERT INTO lh_grouprole (group_id, role_id) VALUES (1, 1)');
        $world->db->exec("INSERT INTO lh_rolefunction (role_id, module, function, limitation) VALUES (1, 'lhgroupchat', 'use', '')");
        $group = $world->group([], ['type' => 0]);
        $members = static function () use ($bridge): array {
            $asked = array_values(array_filter($bridge->asked(), static fn (array $one): bool => str_starts_with($one['call'], 'PUT /rooms/')));
            return end($asked)['body']['members'] ?? [];
        };
        FoyerGroupEvents::look();
        $check->same('is found where no event tells of it', ["g{$group->id} group"], $world->waiting());
        FoyerGroupEvents::look();
        $check->same('once', 1, count($world->waiting()));
        $world->deliver();
        $check->same('whoever may use group chats may come in', [40], $members());
        $world->member((int) $group->id, 2, time());
        FoyerGroupEvents::look();
        $world->deliver();
        $check->same('and whoever is in it', [40, 41], $members());
        $world->db->exec("INSERT INTO lh_rolefunction (role_id, type, module, function, limitation) VALUES (1, 1, 'lhgroupchat', 'use', '')");
        FoyerGroupEvents::look();
        $world->deliver();
        $check->same('a right that is taken away counts', [41], $members());
        $world->db->exec('UPDATE lh_users SET disabled = 1 WHERE id = 2');
        FoyerGroupEvents::look();
        $world->deliver();
        $check->same('nobody who is disabled', [], $members());
    },

    'a group about a visitor’s chat' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $chat = $world->knownChat(['status' => 1]);
        $group = $world->group([1 => time()], ['type' => 2, 'chat_id' => $chat->id]);
        FoyerGroupEvents::look();
        $world->deliver();
        $check->same('has a room', ['POST /rooms', 'PUT /rooms/90/members'], $bridge->calls());
        erLhcoreClassChatHelper::closeChat(['chat' => $chat, 'user' => false]);
        $world->deliver();
        $check->same('for as long as the chat lasts', ['DELETE /rooms/90'], array_values(array_filter($bridge->calls(), static fn (string $call): bool => str_contains($call, 'rooms'))));
        $world->sayInGroup($group, 'One more thing');
        $world->deliver();
        $check->same('what is said afterwards stays here', [], $bridge->calls());
    },

    'what was said before' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->settings(['connected_at' => time() - 60]);
        $group = $world->group([2 => time()]);
        $world->sayInGroup($group, 'Among ourselves');
        $world->deliver();
        $check->same('a group without XMPP accounts has no room', [], $bridge->calls());
        $world->account();
        $world->member((int) $group->id, 1, 0);
        $check->same('the clock finds that somebody of it has one now', 1, (new FoyerGroupEvents($world->foyer))->tellChanged());
        $world->deliver();
        $check->same('what was said before stays here', ['POST /rooms', 'PUT /rooms/90/members'], $bridge->calls());
        $world->sayInGroup($group, 'Hello Ada');
        $world->foyer->groups()->clean(time() + 1);
        $world->deliver();
        $world->foyer->groups()->clean(time() + 1);
        $world->deliver();
        $check->same('what comes then is told', ['Hello Ada'], array_column(array_column($bridge->asked(), 'body'), 'text'));
        $world->foyer->outbox()->add("g{$group->id}", 'group', ['group_id' => (int) $group->id]);
        $world->deliver();
        $check->same('once, also when the list of what was told is cleaned', [[], 0], [$bridge->calls(), (int) $world->value('SELECT COUNT(*) FROM lhc_foyer_group_message')]);
    },

    'rows that appear in another order, or without event' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $group = $world->group([1 => time()]);
        $other = $server->connect('lhc');
        $other->beginTransaction();
        $other->exec("INSERT INTO lh_group_msg (msg, chat_id, user_id, time) VALUES ('first', {$group->id}, 2, UNIX_TIMESTAMP() - 60)");
        $world->sayInGroup($group, 'second');
        $world->deliver();
        $other->commit();
        $check->same('are found', 1, (new FoyerGroupEvents($world->foyer))->tellChanged());
        $world->deliver();
        $check->same('and each told once', ['second', 'first'], array_values(array_filter(array_column(array_column($bridge->asked(), 'body'), 'text'))));
        $check->same('then there is nothing to find', 0, (new FoyerGroupEvents($world->foyer))->tellChanged());
    },

    'refused, and removed at the bridge' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $group = $world->group([1 => time()]);
        $bridge->answer([['#^POST /rooms/90/messages$#', 422, ['code' => 'message_too_long', 'detail' => 'too long'], 0]]);
        $world->sayInGroup($group, 'too long');
        $world->deliver();
        $dead = $world->foyer->outbox()->listDead(10);
        $check->same('what is refused is kept for a person', ['group.message', 'HTTP 422 message_too_long: too long'], [$dead[0]['kind'], $dead[0]['error']]);
        $bridge->answer([]);
        $bridge->asked();
        $world->sayInGroup($group, 'short');
        $world->foyer->outbox()->resend((int) $dead[0]['id']);
        $world->deliver();
        $check->same('who sends it again; the others go on', ['too long', 'short'], array_column(array_column($bridge->asked(), 'body'), 'text'));
        $bridge->answer([
            ['#^POST /rooms/90/messages$#', 404, ['code' => 'not_found'], 0],
            ['#^GET /rooms/90$#', 200, ['room' => ['state' => 'closed']], 0],
            ['#^POST /rooms$#', 201, ['room' => ['id' => 91]], 0],
        ]);
        $world->sayInGroup($group, 'anybody?');
        $world->deliver();
        $check->same('a room that is gone is made again', ['POST /rooms', 'PUT /rooms/91/members', 'POST /rooms/91/messages'], array_slice($bridge->calls(), -3));
        $bridge->asked();
        $bridge->answer([['#^PUT /rooms/91/members$#', 404, ['code' => 'not_found'], 0], ['#^GET /operators$#', 200, ['operators' => [['id' => 40, 'disabled' => true], ['id' => 41, 'disabled' => false]]], 0]]);
        $world->member((int) $group->id, 2, time());
        $world->foyer->operators()->add(2, 'bob');
        $world->foyer->operators()->bind(2, 41, 'bob@chat.example');
        FoyerGroupEvents::look();
        $world->deliver();
        $asked = array_slice($bridge->asked(), 0, 3);
        $check->same('members whom the bridge doesn’t have are left out', [['PUT /rooms/91/members', 'GET /operators', 'PUT /rooms/91/members'], [40, 41], [41]], [array_column($asked, 'call'), $asked[0]['body']['members'], $asked[2]['body']['members']]);
    },

    'words from the room' => static function (Check $check) use ($server, $bridge, $ada, $room, $words): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $group = $world->group([1 => 0, 2 => time()]);
        FoyerGroupEvents::look();
        $world->deliver();
        $bridge->asked();
        $check->same('Ada comes in', [200, 'joined'], $world->callback('room.joined', $room(['operator' => $ada, 'name' => 'Ada Min'])));
        $check->same('and isn’t awaited any more', true, (int) $world->value('SELECT jtime FROM lh_group_chat_member WHERE user_id = 1') >= time() - 5);
        $check->same('her words are taken', [200, 'posted'], $world->callback('room.message', $words('!name [html]x', $ada), ['id' => 'same']));
        $check->same('once', [200, 'duplicate'], $world->callback('room.message', $words('!name [html]x', $ada), ['id' => 'same']));
        $row = $world->db->query('SELECT id, msg, user_id, name_support FROM lh_group_msg')->fetchAll(PDO::FETCH_NUM);
        $check->same('as Live Helper Chat writes rows', [['1', "!name [\u{200B}html]x", '1', 'Ada Min']], array_map(static fn (array $one): array => ['1'] + $one, $row));
        $now = erLhcoreClassModelGroupChat::fetch($group->id);
        $check->same('the group says so', [(string) $row[0][0], '1', "!name [\u{200B}html]x", '2'], [$now->last_msg_id, $now->last_msg_op_id, $now->last_msg, $now->tm]);
        $check->same('to others it is unread, to Ada it isn’t', ['0', (string) $row[0][0]], [
            (string) $world->value('SELECT last_msg_id FROM lh_group_chat_member WHERE user_id = 2'),
            (string) $world->value('SELECT last_msg_id FROM lh_group_chat_member WHERE user_id = 1'),
        ]);
        $check->same('others hear of it', 'group_chat.web_add_msg_admin', array_reverse($world->events->names())[0]);
        $check->same('the bridge doesn’t', [], $world->waiting());
        FoyerGroupEvents::look();
        $world->sayInGroup($now, 'Welcome');
        $world->deliver();
        $check->same('not with the next either', ['Welcome'], array_column(array_column($bridge->asked(), 'body'), 'text'));
        $check->same('Ada’s client goes', [200, 'left'], $world->callback('room.left', $room(['operator' => $ada, 'name' => 'Ada Min'])));
        $belongs = $world->db->query('SELECT last_msg_id FROM lh_group_chat_member WHERE user_id = 1')->fetchAll(PDO::FETCH_COLUMN);
        $check->same('she still belongs to it, and has read what was said', [erLhcoreClassModelGroupChat::fetch($group->id)->last_msg_id], $belongs);
        $group->removeThis();
        $check->same('into a group that is gone', [410, 'unknown_group'], $world->callback('room.message', $words('Late', $ada)));
        $check->same('nobody comes', [200, 'ignored'], $world->callback('room.joined', $room(['operator' => $ada, 'name' => 'Ada Min'])));
    },

    'words that are corrected and taken back' => static function (Check $check) use ($server, $bridge, $ada, $words): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $group = $world->group([1 => time()]);
        FoyerGroupEvents::look();
        $world->deliver();
        $world->callback('room.message', $words('Meet at nine', $ada));
        $own = $world->sayInGroup(erLhcoreClassModelGroupChat::fetch($group->id), 'Fine');
        $check->same('the row has the new words', [200, 'corrected'], $world->callback('room.message_corrected', $words('Meet at !ten', $ada)));
        $rows = static fn (): array => $world->db->query('SELECT msg FROM lh_group_msg ORDER BY id')->fetchAll(PDO::FETCH_COLUMN);
        $check->same('and no other', ['Meet at !ten', 'Fine'], $rows());
        $check->same('which is gone when they are taken back', [200, 'retracted'], $world->callback('room.message_retracted', $words('', $ada)));
        $check->same('alone', ['Fine'], $rows());
        $check->same('once', [200, 'ignored'], $world->callback('room.message_retracted', $words('', $ada)));
        $world->callback('room.message', ['message' => ['id' => 6] + $words('Last word', $ada)['message']] + $words('', $ada));
        $world->callback('room.message_corrected', ['message' => ['id' => 6, 'text' => 'Last words'] + $words('', $ada)['message']] + $words('', $ada));
        $check->same('the list of groups shows the newest words', 'Last words', erLhcoreClassModelGroupChat::fetch($group->id)->last_msg);
    },

    'who comes into a room' => static function (Check $check) use ($server, $bridge, $ada, $room, $words): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $group = $world->group([2 => time()]);
        $world->foyer->groups()->know((int) $group->id, 0, 0);
        $world->foyer->groups()->bind((int) $group->id, 90, 'Night shift');
        $here = $room(['operator' => $ada, 'name' => 'Ada Min']);
        $check->same('of a private group isn’t made a member', [200, 'present'], $world->callback('room.joined', $here));
        $check->same('of it', '1', $world->value('SELECT COUNT(*) FROM lh_group_chat_member'));
        $world->db->exec('UPDATE lh_group_chat SET type = 0');
        $check->same('of a public one is', [200, 'joined'], $world->callback('room.joined', $here));
        $check->same('once, and counted', [[200, 'present'], '2'], [$world->callback('room.joined', $here), erLhcoreClassModelGroupChat::fetch($group->id)->tm]);
        $check->same('others hear of it', 1, array_count_values($world->events->names())['group_chat.new_group_chat_member']);
        $check->same('the bridge doesn’t', [], $world->waiting());
        $check->same('nobody is known who has no user here', [200, 'ignored'], $world->callback('room.joined', $room(['operator' => null, 'name' => 'Guest'])));
        $stranger = ['id' => 99, 'name' => 'Zoe', 'jid' => 'zoe@chat.example'];
        $check->same('nor may speak', [410, 'unknown_operator'], $world->callback('room.message', $words('Hi', $stranger)));
        $world->settings(['default_user' => 2]);
        $check->same('unless somebody stands for all of them', [200, 'posted'], $world->callback('room.message', $words('Hi', $stranger)));
        $check->same('under the own name', ['2', 'Zoe'], $world->db->query('SELECT user_id, name_support FROM lh_group_msg')->fetch(PDO::FETCH_NUM));
    },

    'requests that change groups' => static function (Check $check): void {
        $address = (new ReflectionClassConstant(FoyerGroupEvents::class, 'ADDRESS'))->getValue();
        foreach (['/index.php/site_admin/groupchat/newgroupajax', '/site_admin/groupchat/leave/7', '/index.php/restapi/startchatwithoperator/2', '/site_admin/groupchat/loadpublichat/3'] as $uri) {
            $check->same("$uri is looked at", 1, preg_match($address, $uri));
        }
        foreach (['/site_admin/groupchat/sync', '/site_admin/groupchat/addmessage/7', '/site_admin/groupchat/list', '/chat/groupchat'] as $uri) {
            $check->same("$uri isn’t", 0, preg_match($address, $uri));
        }
    },
];
