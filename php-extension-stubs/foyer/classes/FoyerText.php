<?php

declare(strict_types=1);

/** Texts between Live Helper Chat, which writes BBCode, and XMPP clients, which show plain text. */
final class FoyerText
{
    /** Neither shown nor trimmed: behind it a `!` begins no command, and `[html` no markup. */
    private const GUARD = "\u{200B}";

    /** A row of lh_msg as it is read outside: the text, and where files that came with it are. */
    public static function ofMessage(object $message): string
    {
        $lines = [self::toPlain((string) $message->msg)];
        $meta = json_decode((string) ($message->meta_msg ?? ''), true);
        foreach ((array) ($meta['content']['attachements'] ?? []) as $file) {
            if (ctype_digit((string) ($file['id'] ?? '')) && preg_match('/^[0-9a-f]{32}\z/', (string) ($file['security_hash'] ?? ''))) {
                $lines[] = Foyer::address('file/downloadfile') . "/$file[id]/$file[security_hash]";
            }
        }
        return trim(implode("\n", $lines));
    }

    public static function toPlain(string $text): string
    {
        $text = mb_scrub($text, 'UTF-8');
        $text = (string) preg_replace_callback(
            '/\[file=(\d+)_([0-9a-f]{32})(?:_[a-z]+)?\]/',
            static fn (array $match): string => Foyer::address('file/downloadfile') . "/$match[1]/$match[2]",
            $text,
        );
        $text = (string) preg_replace('/\[url=([^\]\s]+)\](.*?)\[\/url\]/is', '$2 ($1)', $text);
        $text = (string) preg_replace('/\[(?:url|img|audio|video)\](.*?)\[\/(?:url|img|audio|video)\]/is', '$1', $text);
        $text = (string) preg_replace_callback(
            '/\[quote[^\]]*\](.*?)\[\/quote\]\s*/is',
            static fn (array $match): string => '> ' . str_replace("\n", "\n> ", trim($match[1])) . "\n",
            $text,
        );
        $text = (string) preg_replace('/\[(b|strong)\](.*?)\[\/\1\]/is', '*$2*', $text);
        $text = (string) preg_replace('/\[(i|em)\](.*?)\[\/\1\]/is', '_$2_', $text);
        $text = (string) preg_replace('/\[s\](.*?)\[\/s\]/is', '~$1~', $text);
        return trim((string) preg_replace('/\[\/?(?:u|s|mark|level|color|fs\d*)(?:=[^\]]*)?\]/i', '', $text));
    }

    /** As an operator's message is stored: a command or raw HTML in it stays words. */
    public static function fromOperator(string $text): string
    {
        $text = self::fromColleague($text);
        return str_starts_with($text, '!') ? self::GUARD . $text : $text;
    }

    /** The same in a group chat, where there are no commands. */
    public static function fromColleague(string $text): string
    {
        return (string) preg_replace('/\[(?=\/?html\])/i', '[' . self::GUARD, trim(mb_scrub($text, 'UTF-8')));
    }
}
