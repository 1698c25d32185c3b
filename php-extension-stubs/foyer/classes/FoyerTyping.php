<?php

declare(strict_types=1);

/**
 * Live Helper Chat has no event for typing. Its own requests that say so are known by their address; what they stored in the chat's row is read at their end, so
 * that one which Live Helper Chat refused says nothing here either.
 */
final class FoyerTyping
{
    private const ADDRESS = '#/chat/(usertyping|operatortyping)/(\d{1,18})/#';
    private const FRESH_SECONDS = 3;

    private const NEWS_SECONDS = 10;

    public function __construct(private readonly Foyer $foyer)
    {
    }

    /**
     * An operator types at the XMPP client: the visitor's page shows it, as when it is at the back office (chat/operatortyping), of whoever has the chat or would have it.
     *
     * @param array<string, mixed> $data
     */
    public function shown(array $data, int $at): string
    {
        $account = $this->foyer->operators()->byRef($data['operator'] ?? null);
        $known = $account === null ? null : $this->foyer->chats()->byFoyer((int) ($data['chat']['id'] ?? 0));
        if ($known === null || $at < time() - self::NEWS_SECONDS) {
            return 'ignored';
        }
        $typing = ($data['typing'] ?? false) === true;
        $userId = (int) $account['user_id'];
        FoyerDatabase::run(
            $this->foyer->db(),
            'UPDATE `lh_chat` SET `operator_typing` = :at, `operator_typing_id` = :who WHERE `id` = :id AND `status` IN (0, 1) AND '
                . ($typing ? '`user_id` IN (0, :user)' : '`operator_typing_id` = :user'),
            ['at' => $typing ? time() : 0, 'who' => $typing ? $userId : 0, 'id' => $known['chat_id'], 'user' => $userId],
        );
        return 'typing';
    }

    /** Called on every request: costs a comparison where it is another one. */
    public static function watch(string $uri): void
    {
        if (preg_match(self::ADDRESS, $uri, $found) === 1) {
            register_shutdown_function(static fn () => self::tell($found[1] === 'usertyping', (int) $found[2]));
        }
    }

    public static function tell(bool $byVisitor, int $chatId): void
    {
        try {
            $foyer = Foyer::instance();
            $known = $foyer->settings()->connected() ? $foyer->chats()->find($chatId) : null;
            $sql = 'SELECT `user_typing`, `user_typing_txt`, `operator_typing`, `operator_typing_id` FROM `lh_chat` WHERE `id` = :id';
            $chat = $known === null || !$known['open'] ? null : FoyerDatabase::row($foyer->db(), $sql, ['id' => $chatId]);
            $body = $chat === null ? null : ($byVisitor ? self::visitor($chat) : self::operator($foyer, $chat));
            if ($body !== null) {
                $foyer->tell($known['lane'], 'typing', ['chat_id' => $chatId, 'body' => $body]);
            }
        } catch (\Throwable $fault) {
            FoyerLog::fault('typing', $fault);
        }
    }

    /** @return array<string, mixed>|null */
    private static function visitor(array $chat): ?array
    {
        $typing = self::typing((int) $chat['user_typing']);
        $text = trim((string) $chat['user_typing_txt']);
        return $typing === null ? null : ['typing' => $typing] + ($typing && $text !== '' ? ['text' => mb_scrub($text, 'UTF-8')] : []);
    }

    /** @return array<string, mixed>|null */
    private static function operator(Foyer $foyer, array $chat): ?array
    {
        $typing = self::typing((int) $chat['operator_typing']);
        $userId = (int) $chat['operator_typing_id'];
        $user = $typing === null || $userId === 0 ? false : erLhcoreClassModelUser::fetch($userId);
        if (!is_object($user)) {
            return null;
        }
        $operator = (int) ($foyer->operators()->find($userId)['foyer_id'] ?? 0);
        $name = FoyerDescribe::line((string) $user->name_support, 100);
        $who = $operator > 0 ? ['operator_id' => $operator] : ($name === '' ? [] : ['author' => $name]);
        return ['typing' => $typing, 'sender' => 'operator'] + $who;
    }

    /** @return bool|null null: an old value, of another request */
    private static function typing(int $at): ?bool
    {
        return $at === 0 ? false : ($at >= time() - self::FRESH_SECONDS ? true : null);
    }
}
