<?php

declare(strict_types=1);

/** Tables by Live Helper Chat's own description of them in doc/structure.json. */
final class FoyerInstall
{
    /** @return list<string> faults */
    public static function tables(): array
    {
        return array_values(erLhcoreClassUpdate::doTablesUpdate(self::structure()));
    }

    public static function remove(): void
    {
        $db = ezcDbInstance::get();
        foreach (array_keys(self::structure()['tables']) as $table) {
            $db->query("DROP TABLE IF EXISTS `$table`");
        }
        FoyerDatabase::run($db, 'DELETE FROM `lh_chat_config` WHERE `identifier` = :id', ['id' => FoyerSettings::IDENTIFIER]);
        FoyerDatabase::run($db, 'DELETE FROM `lh_rolefunction` WHERE `module` = :module', ['module' => 'lhfoyer']);
    }

    /** @return array<string, mixed> */
    public static function structure(): array
    {
        return json_decode((string) file_get_contents(__DIR__ . '/../doc/structure.json'), true, flags: JSON_THROW_ON_ERROR);
    }
}
