<?php

declare(strict_types=1);

/** A Live Helper Chat with one department, the operator Ada, a visitor on a page, and the extension connected to a bridge. */
final class World
{
    public const SECRET = 'whsec_31Br4ce1ngXo46DoCUdyAFEVAe2gaS8Vh2Xd9rNImTs=';

    public readonly LhcDatabase $db;
    public readonly Foyer $foyer;
    public readonly erLhcoreClassChatEventDispatcher $events;
    private int $webhooks = 0;
    /** @var list<string> */
    private static array $tables = [];

    public function __construct(TestMariadb $server, string $bridgeUrl = 'http://127.0.0.1:1')
    {
        $this->db = self::emptied($server) ?? self::made($server);
        ezcDbInstance::$db = $this->db;
        $this->foyer = new Foyer($this->db);
        (new ReflectionProperty(Foyer::class, 'instance'))->setValue(null, $this->foyer);
        $this->events = erLhcoreClassChatEventDispatcher::fresh();
        FoyerListeners::register($this->events);
        LhcCalls::$made = [];
        erLhcoreClassLog::$lines = [];
        $this->db->exec("INSERT INTO lh_departament (id, name) VALUES (1, 'Support')");
        $this->db->exec("INSERT INTO lh_users (id, username, email, name, surname) VALUES (1, 'ada', 'ada@example.org', 'Ada', 'Min'), (2, 'bob', '', 'Bob', 'Web')");
        $this->db->exec('INSERT INTO lh_userdep (user_id, dep_id) VALUES (1, 1), (2, 1)');
        $this->db->exec("INSERT INTO lh_chat_online_user (id, vid, current_page, page_title, dep_id) VALUES (12, 'v', '//shop.example/p/1?a=b', 'Shoes', 1)");
        $this->settings(['bridge_url' => $bridgeUrl, 'api_key' => 'K', 'secrets' => [self::SECRET], 'callback_url' => 'http://127.0.0.1:1/index.php/foyer/callback']);
    }

    /** A case may leave the tables changed; where it hasn't, emptying them is much faster. */
    private static function emptied(TestMariadb $server): ?LhcDatabase
    {
        if (self::$tables === []) {
            return null;
        }
        $db = $server->connect('lhc');
        $there = $db->query('SHOW TABLES')->fetchAll(PDO::FETCH_COLUMN);
        if ($there !== self::$tables || $db->query('SHOW TRIGGERS')->fetchAll() !== []) {
            return null;
        }
        foreach ($there as $table) {
            $db->exec("DELETE FROM $table");
        }
        return $db;
    }

    private static function made(TestMariadb $server): LhcDatabase
    {
        $db = $server->database('lhc');
        $db->exec((string) file_get_contents(__DIR__ . '/lhc/tables.sql'));
        foreach (FoyerInstall::structure()['tables_create'] as $sql) {
            $db->exec($sql);
        }
        self::$tables = $db->query('SHOW TABLES')->fetchAll(PDO::FETCH_COLUMN);
        return $db;
    }

    public function settings(array $changes): void
    {
        $this->foyer->settings()->save($changes);
    }

    /** Ada has an XMPP account. */
    public function account(): void
    {
        $this->foyer->operators()->add(1, 'ada');
        $this->foyer->operators()->bind(1, 40, 'ada@chat.example');
        $this->foyer->operators()->told(1, $this->foyer->operators()->state(1));
    }

    public function chat(array $fields = []): erLhcoreClassModelChat
    {
        $chat = new erLhcoreClassModelChat();
        foreach ($fields + ['nick' => 'Vera', 'status' => 0, 'dep_id' => 1, 'online_user_id' => 12, 'hash' => 'SECRETHASH', 'time' => time() - 30] as $name => $value) {
            $chat->{$name} = $value;
        }
        $chat->saveThis();
        $this->db->exec("UPDATE lh_chat_online_user SET chat_id = {$chat->id} WHERE id = 12");
        return erLhcoreClassModelChat::fetch($chat->id);
    }

    /**
     * A group chat of operators as the pages of the back office make it.
     *
     * @param array<int, int> $members since when by user; 0: invited
     */
    public function group(array $members, array $fields = []): erLhcoreClassModelGroupChat
    {
        $group = new erLhcoreClassModelGroupChat();
        foreach ($fields + ['name' => 'Night shift', 'type' => 1, 'user_id' => 2, 'time' => time()] as $name => $value) {
            $group->{$name} = $value;
        }
        $group->saveThis();
        foreach ($members as $userId => $since) {
            $this->member((int) $group->id, $userId, $since);
        }
        $group->updateMembersCount();
        return erLhcoreClassModelGroupChat::fetch($group->id);
    }

    public function member(int $groupId, int $userId, int $since): erLhcoreClassModelGroupChatMember
    {
        $member = new erLhcoreClassModelGroupChatMember();
        foreach (['user_id' => $userId, 'group_id' => $groupId, 'jtime' => $since] as $name => $value) {
            $member->{$name} = $value;
        }
        $member->saveThis();
        return $member;
    }

    /** What groupchat/addmessage does. */
    public function sayInGroup(object $group, string $text, int $userId = 2): erLhcoreClassModelGroupMsg
    {
        $message = new erLhcoreClassModelGroupMsg();
        $by = (string) erLhcoreClassModelUser::fetch($userId)->name_official;
        foreach (['msg' => $text, 'chat_id' => $group->id, 'user_id' => $userId, 'name_support' => $by, 'time' => time()] as $name => $value) {
            $message->{$name} = $value;
        }
        $message->saveThis();
        $group->last_msg_id = $message->id;
        $group->updateThis(['update' => ['last_msg_id']]);
        $this->events->dispatch('group_chat.web_add_msg_admin', ['msg' => &$message, 'chat' => &$group]);
        return $message;
    }

    /** A chat that the bridge has as number 70. */
    public function knownChat(array $fields = []): erLhcoreClassModelChat
    {
        $chat = $this->chat($fields);
        $this->foyer->chats()->lane((int) $chat->id, (int) $chat->online_user_id);
        $this->foyer->chats()->bind((int) $chat->id, 70);
        return $chat;
    }

    public function message(object $chat, string $text, int $userId = 0, array $fields = []): erLhcoreClassModelmsg
    {
        $message = new erLhcoreClassModelmsg();
        foreach ($fields + ['msg' => $text, 'chat_id' => $chat->id, 'user_id' => $userId, 'time' => time()] as $name => $value) {
            $message->{$name} = $value;
        }
        $message->saveThis();
        return $message;
    }

    public function user(int $id = 1): erLhcoreClassModelUser
    {
        return erLhcoreClassModelUser::fetch($id);
    }

    public function visitor(): erLhcoreClassModelChatOnlineUser
    {
        return erLhcoreClassModelChatOnlineUser::fetch(12);
    }

    /** @return list<string> `lane kind` of what waits for the bridge */
    public function waiting(): array
    {
        return array_map(static fn (array $row): string => "$row[lane] $row[kind]", $this->entries());
    }

    /** @return list<array<string, mixed>> */
    public function entries(): array
    {
        $rows = $this->db->query('SELECT * FROM lhc_foyer_outbox ORDER BY id')->fetchAll(PDO::FETCH_ASSOC);
        return array_map(static fn (array $row): array => ['payload' => json_decode($row['payload'], true)] + $row, $rows);
    }

    public function value(string $sql): mixed
    {
        return $this->db->query($sql)->fetchColumn();
    }

    public function deliver(float $seconds = 5.0): int
    {
        return $this->foyer->delivery($this->foyer->bridge(1.0, $seconds))->run([], microtime(true) + 10);
    }

    /** @return array{int, string} status, and what was done or refused */
    public function callback(string $type, array $data, array $with = []): array
    {
        $body = json_encode(['type' => $type, 'timestamp' => gmdate('Y-m-d\TH:i:s\Z', $with['at'] ?? time()), 'instance' => 'main', 'data' => $data]);
        $id = $with['id'] ?? 'wh_' . ++$this->webhooks;
        $now = $with['now'] ?? time();
        $headers = FoyerSignature::headers([$with['secret'] ?? self::SECRET], $id, $now, $body);
        $given = ['id' => $id, 'timestamp' => $headers['webhook-timestamp'], 'signature' => $with['signature'] ?? $headers['webhook-signature']];
        [$status, $answer] = (new FoyerCallback($this->foyer))->receive($given, $body . ($with['more'] ?? ''), time());
        return [$status, $answer['result'] ?? $answer['code'] ?? $answer['error']];
    }

    /** What the bridge says when Ada writes. */
    public function words(string $text, int $number = 3, array $with = []): array
    {
        $ada = ['id' => 40, 'name' => 'Ada Min', 'jid' => 'ada@chat.example'];
        return $with + [
            'chat' => ['id' => 70, 'number' => 1, 'state' => 'active', 'initiator' => 'helpdesk', 'closed_by' => null],
            'visitor' => ['id' => 3, 'external_id' => '12', 'nick' => 'Vera'],
            'operator' => $ada,
            'message' => ['number' => $number, 'sender' => 'operator', 'author' => $ada, 'author_name' => 'Ada Min', 'text' => $text, 'origin' => 'xmpp', 'message_id' => null],
        ];
    }
}
