<?php

declare(strict_types=1);

/** XMPP names as Foyer builds them; the same rules, and the same test vectors, as in the bridge and in mod_foyer. */
final class FoyerJid
{
    public const MAIN = 'main';

    /** Ids are strings: they may be larger than this machine's integers. At most 19 digits, no leading zero. */
    private const ID = '[1-9][0-9]{0,18}';

    private const INSTANCE = '[a-z][a-z0-9-]{0,31}';

    /**
     * `visitor.12`, `visitor.7.chat`, `visitor.12.shop`, `visitor.7.chat.shop`.
     *
     * @param string $kind `visitor`, or `chat` for an account that stands for one chat alone
     * @throws InvalidArgumentException on what `parse` would not give back
     */
    public static function visitor(string $kind, string $id, string $instance = self::MAIN): string
    {
        if (!in_array($kind, ['visitor', 'chat'], true) || !preg_match('/^' . self::ID . '\z/', $id)) {
            throw new InvalidArgumentException("There can be no account $kind $id");
        }
        return "visitor.$id" . ($kind === 'chat' ? '.chat' : '') . self::suffix($instance);
    }

    /** `anna` in main, `anna.shop` in the instance shop. */
    public static function operator(string $name, string $instance = self::MAIN): string
    {
        return $name . self::suffix($instance);
    }

    /**
     * The shared roster group of an instance.
     *
     * @param string $kind `visitors` or `operators`
     */
    public static function group(string $kind, string $instance = self::MAIN): string
    {
        return $kind . self::suffix($instance);
    }

    /**
     * The reverse of `visitor`; ASCII capitals count as small letters, as everywhere in XMPP.
     *
     * @return array{kind: string, id: string, instance: string}|null null for every other localpart
     */
    public static function parse(string $local): ?array
    {
        $pattern = '/^visitor\.(' . self::ID . ')(\.chat)?(?:\.(' . self::INSTANCE . '))?\z/';
        if (!preg_match($pattern, strtolower($local), $match, PREG_UNMATCHED_AS_NULL)) {
            return null;
        }
        [, $id, $chat, $instance] = $match;
        if ($instance === 'chat' || $instance === self::MAIN) {
            return null;
        }
        return ['kind' => $chat === null ? 'visitor' : 'chat', 'id' => $id, 'instance' => $instance ?? self::MAIN];
    }

    private static function suffix(string $instance): string
    {
        if (!preg_match('/^' . self::INSTANCE . '\z/', $instance) || $instance === 'chat') {
            throw new InvalidArgumentException("There can be no instance $instance");
        }
        return $instance === self::MAIN ? '' : ".$instance";
    }
}
