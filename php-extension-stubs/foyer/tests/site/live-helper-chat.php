<?php

declare(strict_types=1);

// As much of a Live Helper Chat as the extension sees, run by PHP's built-in server for tests with a real bridge. FOYER_TEST_DATABASE is a PDO address with
// user and password; POST /test does what a visitor, an operator or an administrator would.

error_reporting(E_ALL);
require __DIR__ . '/../support/load.php';

[$dsn, $user, $password] = explode(' ', (string) getenv('FOYER_TEST_DATABASE'));
$db = new LhcDatabase($dsn, $user, $password, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_CASE => PDO::CASE_LOWER]);
ezcDbInstance::$db = $db;
$events = erLhcoreClassChatEventDispatcher::getInstance();
FoyerListeners::register($events);
FoyerTyping::watch($_SERVER['REQUEST_URI']);
FoyerGroupEvents::watch($_SERVER['REQUEST_URI']);

$path = explode('?', $_SERVER['REQUEST_URI'])[0];
if (preg_match('#^/index\.php/foyer/(callback|deliver)$#', $path, $match)) {
    require __DIR__ . "/../../modules/lhfoyer/$match[1].php";
}

if (preg_match('#^/index\.php/chat/usertyping/(\d+)/HASH/true$#', $path, $match)) {
    $db->prepare('UPDATE lh_chat SET user_typing = UNIX_TIMESTAMP(), user_typing_txt = ? WHERE id = ?')->execute([$_POST['msg'], $match[1]]);
    exit('[]');
}

if (preg_match('#^/index\.php/site_admin/groupchat/(\w+)#', $path, $match)) {
    header('Content-Type: application/json');
    echo json_encode((require __DIR__ . '/group-chats.php')[$match[1]](json_decode((string) file_get_contents('php://input'), true)));
    return;
}

/** @var array<string, mixed> $ask */
$ask = json_decode((string) file_get_contents('php://input'), true, flags: JSON_THROW_ON_ERROR);
$foyer = Foyer::instance();

$install = static function () use ($db): array {
    $db->exec((string) file_get_contents(__DIR__ . '/../support/lhc/tables.sql'));
    foreach (FoyerInstall::structure()['tables_create'] as $sql) {
        $db->exec($sql);
    }
    $db->exec("INSERT INTO lh_departament (id, name) VALUES (1, 'Support')");
    $db->exec("INSERT INTO lh_users (id, username, name, surname) VALUES (1, 'ada', 'Ada', 'Min'), (2, 'bob', 'Bob', 'Web')");
    $db->exec('INSERT INTO lh_userdep (user_id, dep_id) VALUES (1, 1)');
    return [];
};

$view = static function (string $page) use ($events): array {
    $visitor = new erLhcoreClassModelChatOnlineUser();
    $visitor->current_page = $page;
    $visitor->dep_id = 1;
    $visitor->saveThis();
    $visitor = erLhcoreClassModelChatOnlineUser::fetch($visitor->id);
    $events->dispatch('onlineuser.created', ['ou' => &$visitor, 'tpl' => false]);
    return ['visitor' => (int) $visitor->id];
};

$message = static function (object $chat, string $text, int $userId = 0): object {
    $message = new erLhcoreClassModelmsg();
    $message->msg = $text;
    $message->chat_id = $chat->id;
    $message->user_id = $userId;
    $message->time = time();
    return $message;
};

$start = static function (int $visitorId, string $text) use ($db, $events, $message): array {
    $db->beginTransaction();
    $chat = new erLhcoreClassModelChat();
    $chat->nick = 'Vera';
    $chat->online_user_id = $visitorId;
    $chat->dep_id = 1;
    $chat->time = time();
    $chat->saveThis();
    $chat = erLhcoreClassModelChat::fetch($chat->id);
    $first = $message($chat, $text);
    $first->saveThis();
    $db->prepare('UPDATE lh_chat_online_user SET chat_id = ? WHERE id = ?')->execute([$chat->id, $visitorId]);
    $db->commit();
    $events->dispatch('chat.chat_started', ['request_payload' => [], 'chat' => &$chat, 'msg' => $first]);
    return ['chat' => (int) $chat->id];
};

/** @param bool $killed the process ends between the commit and the event */
$say = static function (int $chatId, string $text, bool $killed) use ($db, $events, $message): array {
    $db->beginTransaction();
    $chat = erLhcoreClassModelChat::fetchAndLock($chatId);
    $said = $message($chat, $text);
    $events->dispatch('chat.before_msg_user_saved', ['msg' => &$said, 'chat' => &$chat]);
    $said->saveThis();
    $db->commit();
    if ($killed) {
        posix_kill(getmypid(), SIGKILL);
    }
    $events->dispatch('chat.addmsguser', ['chat' => &$chat, 'msg' => &$said]);
    return [];
};

$web = static function (int $chatId, string $text) use ($db, $events, $message): array {
    $db->beginTransaction();
    $chat = erLhcoreClassModelChat::fetchAndLock($chatId);
    $said = $message($chat, $text, 1);
    $said->name_support = 'Ada Min';
    $said->saveThis();
    $events->dispatch('chat.web_add_msg_admin', ['msg' => &$said, 'chat' => &$chat]);
    $db->commit();
    return [];
};

$take = static function (int $chatId, int $userId) use ($db, $events): array {
    $db->prepare('UPDATE lh_chat SET status = 1, user_id = ? WHERE id = ?')->execute([$userId, $chatId]);
    $chat = erLhcoreClassModelChat::fetch($chatId);
    $events->dispatch('chat.accept', ['chat' => &$chat, 'user_data' => erLhcoreClassModelUser::fetch($userId)]);
    return [];
};

/** As lhuser/setopstatus. */
$hide = static function (int $userId, bool $hidden) use ($db, $events): array {
    $db->prepare('UPDATE lh_users SET hide_online = ? WHERE id = ?')->execute([(int) $hidden, $userId]);
    $user = erLhcoreClassModelUser::fetch($userId);
    $events->dispatch('chat.operator_status_changed', ['user' => &$user, 'reason' => 'user_action']);
    return [];
};

/** @param string|null $text null: the message is removed */
$edit = static function (int $chatId, string $old, ?string $text) use ($db, $events): array {
    $chat = erLhcoreClassModelChat::fetch($chatId);
    $found = $db->prepare('SELECT id FROM lh_msg WHERE chat_id = ? AND msg = ?');
    $found->execute([$chatId, $old]);
    $edited = erLhcoreClassModelmsg::fetch((int) $found->fetchColumn());
    $db->prepare($text === null ? 'DELETE FROM lh_msg WHERE id = ?' : 'UPDATE lh_msg SET msg = ? WHERE id = ?')->execute([...($text === null ? [] : [$text]), $edited->id]);
    $events->dispatch($text === null ? 'chat.msg_removed' : 'chat.message_updated', ['msg' => &$edited, 'chat' => &$chat]);
    return [];
};

$close = static function (int $chatId): array {
    erLhcoreClassChatHelper::closeChat(['chat' => erLhcoreClassModelChat::fetchAndLock($chatId), 'user' => false]);
    return [];
};

$cron = static function () use ($foyer): array {
    $lines = [];
    (new FoyerCron($foyer))->run(20, static function (string $line) use (&$lines): void {
        $lines[] = $line;
    });
    return $lines;
};

header('Content-Type: application/json');
echo json_encode(match ($ask['do']) {
    'install' => $install(),
    'connect' => array_merge((new FoyerConnection($foyer))->connect($ask['bridge'], $ask['key'], $ask['callback']), (new FoyerConnection($foyer))->test()),
    'account' => [(new FoyerAccounts($foyer))->create(1, $ask['username'], $ask['password'])],
    'view' => $view($ask['page']),
    'start' => $start($ask['visitor'], $ask['text']),
    'say' => $say($ask['chat'], $ask['text'], $ask['killed'] ?? false),
    'web' => $web($ask['chat'], $ask['text']),
    'take' => $take($ask['chat'], $ask['user']),
    'edit' => $edit($ask['chat'], $ask['old'], $ask['text']),
    'hide' => $hide($ask['user'], $ask['hidden']),
    'close' => $close($ask['chat']),
    'closed by another program' => [$db->exec('UPDATE lh_chat SET status = 2 WHERE id = ' . (int) $ask['chat'])],
    'cron' => $cron(),
    'rows' => $db->query($ask['sql'])->fetchAll(PDO::FETCH_ASSOC),
}, JSON_THROW_ON_ERROR);
