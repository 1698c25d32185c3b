<?php

declare(strict_types=1);

/** What the back office pages share. */
final class FoyerPage
{
    /** Whether the form with this button was sent from one of our pages: a wrong token counts as not sent. */
    public static function sent(string $button, object $currentUser): bool
    {
        return isset($_POST[$button]) && is_string($_POST['csfr_token'] ?? null) && $currentUser->validateCSFRToken($_POST['csfr_token']);
    }

    public static function field(string $name): string
    {
        return is_string($_POST[$name] ?? null) ? trim($_POST[$name]) : '';
    }

    /**
     * @param array<string, mixed> $values
     * @return array{content: string, path: list<array<string, string>>}
     */
    public static function show(string $name, string $title, array $values): array
    {
        $page = erLhcoreClassTemplate::getInstance("lhfoyer/$name.tpl.php");
        foreach ($values as $key => $value) {
            $page->set($key, $value);
        }
        $path = [
            ['url' => erLhcoreClassDesign::baseurl('system/configuration'), 'title' => self::text('System configuration')],
            ['url' => erLhcoreClassDesign::baseurl('foyer/index'), 'title' => 'Foyer'],
        ];
        return ['content' => $page->fetch(), 'path' => $title === '' ? $path : [...$path, ['title' => self::text($title)]]];
    }

    public static function text(string $text): string
    {
        return erTranslationClassLhTranslation::getInstance()->getTranslation('module/foyer', $text);
    }

    public static function html(mixed $text): string
    {
        return htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
    }

    /** A password for a person to type once into an XMPP client: no letters that look alike. */
    public static function password(): string
    {
        $letters = 'abcdefghjkmnpqrstuvwxyz23456789';
        $groups = [];
        for ($group = 0; $group < 4; $group += 1) {
            $groups[] = implode('', array_map(static fn (): string => $letters[random_int(0, strlen($letters) - 1)], range(1, 4)));
        }
        return implode('-', $groups);
    }
}
