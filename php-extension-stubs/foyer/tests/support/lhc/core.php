<?php

declare(strict_types=1);

// Stand-ins for what the extension calls in Live Helper Chat. Calls whose effect lies elsewhere are remembered in LhcCalls.

final class LhcCalls
{
    /** @var list<string> */
    public static array $made = [];

    public static function note(string $what): void
    {
        self::$made[] = $what;
    }
}

/** One connection a request, whose transactions nest. */
final class LhcDatabase extends PDO
{
    private int $level = 0;

    public function beginTransaction(): bool
    {
        return $this->level++ === 0 ? parent::beginTransaction() : true;
    }

    public function commit(): bool
    {
        return --$this->level === 0 ? parent::commit() : true;
    }

    public function rollback(): bool
    {
        return --$this->level === 0 ? parent::rollBack() : true;
    }
}

final class ezcDbInstance
{
    public static ?PDO $db = null;

    public static function get(): PDO
    {
        return self::$db;
    }
}

final class erLhcoreClassChatEventDispatcher
{
    public const STOP_WORKFLOW = 1;
    /** @var list<array{string, array<string, mixed>}> */
    public array $dispatched = [];
    private array $listeners = [];
    private static ?self $instance = null;

    public static function getInstance(): self
    {
        return self::$instance ??= new self();
    }

    public static function fresh(): self
    {
        return self::$instance = new self();
    }

    public function listen($event, $callback): void
    {
        $this->listeners[$event][] = $callback;
    }

    public function dispatch($event, $params = [])
    {
        $this->dispatched[] = [$event, $params];
        $params += ['lhc_caller' => ['class' => 'Test'], 'lhc_event' => $event];
        foreach ($this->listeners[$event] ?? [] as $listener) {
            $answer = call_user_func_array($listener, [$params]);
            if (($answer['status'] ?? null) === self::STOP_WORKFLOW) {
                return $answer;
            }
        }
        return false;
    }

    /** @return list<string> */
    public function names(): array
    {
        return array_column($this->dispatched, 0);
    }
}

final class erLhcoreClassChat
{
    public static function getSession(): object
    {
        return new class () {
            public function save(object $record): void
            {
                $record->saveThis();
            }

            public function update(object $record): void
            {
                $record->updateThis();
            }
        };
    }

    public static function updateActiveChats($userId): void
    {
        LhcCalls::note("active chats of $userId");
    }

    public static function updateDepartmentStats($department): void
    {
        LhcCalls::note("stats of department {$department->id}");
    }
}

final class erLhcoreClassChatHelper
{
    public static function closeChat(array $params): void
    {
        $chat = $params['chat'];
        ezcDbInstance::get()->beginTransaction();
        $chat->status = 2;
        $chat->cls_time = time();
        $chat->updateThis(['update' => ['status', 'cls_time']]);
        ezcDbInstance::get()->commit();
        erLhcoreClassChatEventDispatcher::getInstance()->dispatch('chat.close', ['chat' => &$chat, 'user_data' => $params['user']]);
    }

    public static function changeStatus(array $params): void
    {
        $params['chat']->status = $params['status'];
        $params['chat']->user_id = 0;
        $params['chat']->updateThis(['update' => ['status', 'user_id']]);
    }
}

final class erLhcoreClassChatWorkflow
{
    public static function chatAcceptedWorkflow($options, &$chat): void
    {
        LhcCalls::note("accepted workflow of chat {$chat->id}");
    }
}

final class erLhcoreClassGenericBotWorkflow
{
    public static function removePreviousEvents($chatId): void
    {
        LhcCalls::note("bot events of chat $chatId removed");
    }
}

final class erLhcoreClassUserDep
{
    public static function updateLastActivityByUser($userId, $at): void
    {
        ezcDbInstance::get()->prepare('UPDATE lh_userdep SET last_activity = ? WHERE user_id = ?')->execute([$at, $userId]);
    }
}

/** The logged in user; known by its id after the logout too. */
final class erLhcoreClassUser
{
    public function __construct(private readonly int $id)
    {
    }

    public function getUserID(): int
    {
        return $this->id;
    }

    public function getUserData(): object
    {
        return erLhcoreClassModelUser::fetch($this->id);
    }
}

final class erTranslationClassLhTranslation
{
    public static function getInstance(): self
    {
        return new self();
    }

    public function getTranslation($context, $text): string
    {
        return $text;
    }
}

final class erConfigClassLhConfig
{
    public static function getInstance(): self
    {
        return new self();
    }

    public function getSetting($section, $name, $throws = true): string
    {
        return "$section-$name";
    }
}

final class erLhcoreClassSystem
{
    public static function getHost(): string
    {
        return 'https://help.example';
    }
}

final class erLhcoreClassDesign
{
    public static function baseurldirect($path): string
    {
        return "/index.php/$path";
    }
}

final class erLhcoreClassLog
{
    /** @var list<string> */
    public static array $lines = [];

    public static function write($line): void
    {
        self::$lines[] = $line;
    }
}
