<?php

declare(strict_types=1);

/** What operators are told of a visitor, in the words and within the bounds of the bridge. The secret hash of a chat is never among it. */
final class FoyerDescribe
{
    private const EMAIL = '/^(?!\.)(?!.*\.\.)[A-Za-z0-9_\'+.-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}\z/';

    /** Key of the desk that stands for a department of Live Helper Chat. */
    public static function desk(int $departmentId): string
    {
        return "lhc-$departmentId";
    }

    /** @param object $chat erLhcoreClassModelChat */
    public static function chatVisitor(object $chat): array
    {
        $email = trim((string) $chat->email);
        return array_filter([
            'external_id' => (int) $chat->online_user_id > 0 ? (string) (int) $chat->online_user_id : null,
            'nick' => self::nick((string) $chat->nick),
            'email' => strlen($email) <= 250 && preg_match(self::EMAIL, $email) ? $email : null,
            'language' => self::language((string) ($chat->chat_locale ?? '')),
            'custom' => self::custom([
                'chat' => (string) (int) $chat->id,
                'phone' => (string) $chat->phone,
                'country' => (string) $chat->country_name,
                'started_on' => self::address((string) $chat->referrer),
            ]),
        ], static fn (mixed $value): bool => $value !== null && $value !== []);
    }

    /** @param object $visitor erLhcoreClassModelChatOnlineUser */
    public static function presence(object $visitor): array
    {
        $attributes = json_decode((string) $visitor->online_attr, true);
        $attributes = is_array($attributes) ? $attributes : [];
        $title = self::line((string) $visitor->page_title, 500);
        $referrer = self::address((string) $visitor->referrer);
        $page = self::address((string) $visitor->current_page);
        return array_filter([
            'desk' => (int) $visitor->dep_id > 0 ? self::desk((int) $visitor->dep_id) : null,
            'nick' => is_string($attributes['username'] ?? null) ? self::nick($attributes['username']) : null,
            'page' => $page === '' ? null : array_filter(['url' => $page, 'title' => $title, 'referrer' => $referrer], 'strlen'),
            'user_agent' => self::line((string) $visitor->user_agent, 500),
            'custom' => self::custom([
                'country' => (string) $visitor->user_country_name,
                'city' => (string) $visitor->city,
                'visits' => (string) (int) $visitor->total_visits,
                'pages' => (string) (int) $visitor->pages_count,
            ]),
        ], static fn (mixed $value): bool => $value !== null && $value !== '' && $value !== []);
    }

    /** The page itself drops what follows the path; Live Helper Chat keeps addresses without their scheme. */
    private static function address(string $url): string
    {
        return self::line(str_starts_with($url, '//') ? "https:$url" : $url, 2000);
    }

    private static function nick(string $nick): ?string
    {
        $line = self::line($nick, 100);
        return $line === '' ? null : $line;
    }

    private static function language(string $locale): ?string
    {
        $tag = str_replace('_', '-', $locale);
        return preg_match('/^[A-Za-z0-9-]{1,35}\z/', $tag) ? $tag : null;
    }

    /**
     * @param array<string, string> $values
     * @return array<string, string>
     */
    private static function custom(array $values): array
    {
        $lines = array_map(static fn (string $value): string => self::line($value, 500), $values);
        return array_filter($lines, static fn (string $line): bool => $line !== '' && $line !== '0');
    }

    /** One visible line of at most so many UTF-16 units, as the bridge counts. */
    public static function line(string $text, int $most): string
    {
        $line = trim((string) preg_replace('/[\p{Cc}\s]+/u', ' ', mb_scrub($text, 'UTF-8')));
        while (strlen(mb_convert_encoding($line, 'UTF-16LE', 'UTF-8')) / 2 > $most) {
            $line = rtrim(mb_substr($line, 0, min(mb_strlen($line) - 1, $most)));
        }
        return $line;
    }
}
