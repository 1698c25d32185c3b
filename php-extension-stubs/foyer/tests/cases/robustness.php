<?php

declare(strict_types=1);

// Whatever is wrong with Foyer or the bridge, Live Helper Chat's pages go on.

return static fn (TestMariadb $server): array => [
    'without tables, and without a connection' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->db->exec('DROP TABLE lhc_foyer_outbox, lhc_foyer_chat, lhc_foyer_visitor, lhc_foyer_operator');
        $chat = $world->chat();
        $message = $world->message($chat, 'Hello');
        $visitor = $world->visitor();
        $user = $world->user();
        $world->db->beginTransaction();
        $world->db->exec("UPDATE lh_chat SET nick = 'kept' WHERE id = {$chat->id}");
        $params = ['chat' => &$chat, 'msg' => &$message, 'ou' => &$visitor, 'online_user' => $visitor, 'userData' => &$user, 'user' => &$user, 'password' => 'a-long-password'];
        foreach (array_keys(FoyerListeners::EVENTS) as $event) {
            $world->events->dispatch($event, $params);
        }
        $world->db->commit();
        $check->same('no event throws, and the transaction holds', 'kept', $world->value('SELECT nick FROM lh_chat'));
        $check->same('the log says so', true, count(erLhcoreClassLog::$lines) > 10);
        $world->settings(['bridge_url' => '']);
        erLhcoreClassLog::$lines = [];
        foreach (array_keys(FoyerListeners::EVENTS) as $event) {
            $world->events->dispatch($event, $params);
        }
        $check->same('without a connection nothing is even tried', [], erLhcoreClassLog::$lines);
    },

    'with parameters that make no sense' => static function (Check $check) use ($server): void {
        $world = new World($server);
        foreach (array_keys(FoyerListeners::EVENTS) as $event) {
            $world->events->dispatch($event, []);
            $world->events->dispatch($event, ['chat' => 'x', 'msg' => 5, 'ou' => false, 'online_user' => null, 'userData' => [], 'user' => 'x', 'department' => 1]);
        }
        $check->same('nothing is written down', [], $world->waiting());
        $check->same('and nothing goes wrong', [], erLhcoreClassLog::$lines);
    },

    'Live Helper Chat’s transaction' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->knownChat();
        $world->db->beginTransaction();
        $message = $world->message($chat, 'undone');
        $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$message]);
        $other = $server->connect('lhc');
        $check->same('is not seen by others before its end', 0, (int) $other->query('SELECT COUNT(*) FROM lhc_foyer_outbox')->fetchColumn());
        $world->db->rollback();
        $check->same('takes the entry with it', [], $world->waiting());
    },

    'a deadlock has undone the transaction' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->knownChat();
        $message = $world->message($chat, 'Hello');
        $world->db->exec("CREATE TRIGGER fault BEFORE INSERT ON lhc_foyer_outbox FOR EACH ROW SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock found'");
        $thrown = false;
        $world->db->beginTransaction();
        try {
            $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$message]);
        } catch (PDOException) {
            $thrown = true;
        }
        $world->db->rollback();
        $check->same('Live Helper Chat must hear of it', true, $thrown);
        $world->events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$message]);
        $check->same('outside of a transaction it must not', [], $world->waiting());
    },

    'the outbox’s own statements' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $chat = $world->knownChat();
        $other = new Foyer($server->connect('lhc'));
        $world->db->beginTransaction();
        $world->foyer->outbox()->add('v12', 'message', []);
        $started = microtime(true);
        $other->outbox()->add('v12', 'message', []);
        $other->outbox()->add('v13', 'presence', []);
        $check->same('wait for no open transaction', true, microtime(true) - $started < 1);
        $world->db->commit();
        $check->same('in the order of their ids', ['v12 message', 'v12 message', 'v13 presence'], $world->waiting());
    },

    'settings' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->settings(['api_key' => 'foyer_KEY']);
        $stored = (string) $world->value("SELECT value FROM lh_chat_config WHERE identifier = 'foyer_options'");
        $check->same('hold no plain secret', [false, false], [str_contains($stored, 'foyer_KEY'), str_contains($stored, 'whsec_')]);
        $check->same('which can be read here', ['foyer_KEY', [World::SECRET]], [$world->foyer->settings()->apiKey, $world->foyer->settings()->secrets]);
        $check->same('the audit of Live Helper Chat leaves them out', 'ignore', $world->value('SELECT `explain` FROM lh_chat_config'));
        $world->db->exec("UPDATE lh_chat_config SET value = 'nonsense'");
        $world->foyer->forgetSettings();
        $check->same('and nonsense is no connection', false, $world->foyer->settings()->connected());
    },

    'uninstalled' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->db->exec("INSERT INTO lh_rolefunction (role_id, module, `function`, limitation) VALUES (2, 'lhfoyer', 'configure', ''), (2, 'lhchat', 'use', '')");
        FoyerInstall::remove();
        $check->same('no table', [], $world->db->query("SHOW TABLES LIKE '%foyer%'")->fetchAll());
        $check->same('no setting', '0', $world->value("SELECT COUNT(*) FROM lh_chat_config WHERE identifier LIKE '%foyer%'"));
        $check->same('no permission', ['lhchat'], $world->db->query('SELECT module FROM lh_rolefunction')->fetchAll(PDO::FETCH_COLUMN));
    },

    'tables as they are described' => static function (Check $check) use ($server): void {
        $world = new World($server);
        foreach (FoyerInstall::structure()['tables'] as $table => $columns) {
            $there = array_column($world->db->query("SHOW FULL COLUMNS FROM $table")->fetchAll(PDO::FETCH_ASSOC), null, 'field');
            $got = array_map(static fn (array $column): array => [$column['field'], $column['type'], trim((string) $column['default'], "'")], array_values($there));
            $wanted = array_map(static fn (array $column): array => [$column['field'], $column['type'], (string) $column['default']], $columns);
            $check->same("$table: an upgrade finds nothing to change", $wanted, $got);
        }
    },

    'texts' => static function (Check $check): void {
        foreach ([
            'plain' => 'plain',
            '[url=https://a.example/x]shop[/url] [img]https://a.example/i.png[/img]' => 'shop (https://a.example/x) https://a.example/i.png',
            "[quote]one\ntwo[/quote]three" => "> one\n> two\nthree",
            '[i]a[/i] [u]b[/u] [s]e[/s] [color=red]c[/color] [other]d[/other]' => '_a_ b ~e~ c [other]d[/other]',
            "bad \xff byte" => 'bad ? byte',
        ] as $given => $wanted) {
            $check->same("to XMPP: $given", $wanted, FoyerText::toPlain($given));
        }
        foreach (['!close' => "\u{200B}!close", '  !name Bob' => "\u{200B}!name Bob", 'no! !' => 'no! !', '[html]<b>[/html]' => "[\u{200B}html]<b>[\u{200B}/html]"] as $given => $wanted) {
            $check->same("from XMPP: $given", $wanted, FoyerText::fromOperator($given));
        }
        $check->same('a line is cut by what the bridge counts', 10, mb_strlen(FoyerDescribe::line(str_repeat('😀', 30), 20)));
        $check->same('user names', ['ada', 'bob-web', ''], array_map(FoyerAccounts::username(...), ['Ada@example.org', ' Bob Web. ', '@@']));
    },
];
