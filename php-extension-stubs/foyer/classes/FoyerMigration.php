<?php

declare(strict_types=1);

/**
 * The xmppservice extension's operators keep their accounts: its table is read once, and stays as it is. Passwords are read too, so that an account that
 * isn't on the new server yet is made with the one the operator's client knows.
 */
final class FoyerMigration
{
    private const TYPE_OPERATOR = 0;

    /** @return list<string> what was done, for people to read */
    public static function run(Foyer $foyer): array
    {
        $db = $foyer->db();
        if (FoyerDatabase::row($db, "SHOW TABLES LIKE 'lhc\\_xmpp\\_service\\_account'") === null) {
            return [];
        }
        if (!$foyer->settings()->connected()) {
            return ['Accounts of xmppservice are taken over once the bridge is connected.'];
        }
        if ($foyer->settings()->migrated) {
            return [];
        }
        $rows = FoyerDatabase::rows(
            $db,
            'SELECT `account`.`user_id`, `account`.`username`, `account`.`password`, `account`.`sendmessage` FROM `lhc_xmpp_service_account` AS `account`
             JOIN `lh_users` AS `user` ON `user`.`id` = `account`.`user_id` WHERE `account`.`type` = :type ORDER BY `account`.`id`',
            ['type' => self::TYPE_OPERATOR],
        );
        $lines = [];
        foreach ($rows as $row) {
            $userId = (int) $row['user_id'];
            $username = FoyerAccounts::username((string) $row['username']);
            if ($username === '' || $foyer->operators()->find($userId) !== null) {
                continue;
            }
            (new FoyerAccounts($foyer))->create($userId, $username, (string) $row['password'], (int) $row['sendmessage'] === 1);
            $lines[] = "$username: taken over from xmppservice";
        }
        $changes = ['migrated' => true];
        $old = 'extension/xmppservice/settings/settings.ini.php';
        $settings = is_file($old) ? include $old : [];
        if (is_array($settings) && $foyer->settings()->createAccounts === 'no' && !empty($settings['create_xmpp_username_by_lhc_username'])) {
            $changes['create_accounts'] = ($settings['type_for_xmpp_username'] ?? '') === 'email' ? 'email' : 'username';
        }
        if (is_array($settings) && isset($settings['online_visitors_tracking'])) {
            $changes['visitors'] = (bool) $settings['online_visitors_tracking'];
        }
        $foyer->settings()->save($changes);
        return $lines;
    }
}
