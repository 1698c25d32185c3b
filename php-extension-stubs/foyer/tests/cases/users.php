<?php

declare(strict_types=1);

// Users of Live Helper Chat and their XMPP accounts.

return static fn (TestMariadb $server, TestBridge $bridge): array => [
    'a user is made, with accounts wished for' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $user = $world->user();
        $world->events->dispatch('user.user_created', ['userData' => &$user, 'password' => 'a-long-password']);
        $check->same('not by itself', [], $world->waiting());
        $world->settings(['create_accounts' => 'email', 'same_password' => true]);
        $world->events->dispatch('user.user_created', ['userData' => &$user, 'password' => null]);
        $check->same('and not by an edit over REST, which says the same without a password', [], $world->waiting());
        $world->events->dispatch('user.user_created', ['userData' => &$user, 'password' => 'a-long-password']);
        $check->same('once', ['operators operator.create'], $world->waiting());
        $entry = $world->entries()[0]['payload'];
        $check->same('named after the address', 'ada', $entry['username']);
        $check->same('the password isn’t readable in the outbox', false, str_contains(json_encode($world->entries()), 'a-long-password'));
        $check->same('but can be opened', 'a-long-password', FoyerSeal::open($entry['sealed'], FoyerSettings::sealingKey()));
        $check->same('with the right key only', null, FoyerSeal::open($entry['sealed'], str_repeat('x', 32)));
        $world->events->dispatch('user.user_created', ['userData' => &$user, 'password' => null]);
        $check->same('an edit follows the account', ['operators operator.create', 'operators operator.change'], $world->waiting());
    },

    'a user is changed, and deleted' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $world->settings(['same_password' => true]);
        $user = $world->user();
        $user->disabled = 1;
        $world->events->dispatch('user.user_modified', ['userData' => &$user, 'password' => '']);
        $check->same('the account follows', ['operators operator.change'], $world->waiting());
        $world->events->dispatch('user.user_modified', ['userData' => &$user, 'password' => 'short']);
        $world->events->dispatch('user.user_modified', ['userData' => &$user, 'password' => 'another-password']);
        $kinds = array_count_values(array_column($world->entries(), 'kind'));
        $check->same('a password that XMPP can’t have is left out', 1, $kinds['operator.password']);
        $world->events->dispatch('user.after_user_departments_update', ['user' => &$user]);
        $other = $world->user(2);
        $world->events->dispatch('user.user_modified', ['userData' => &$other, 'password' => 'another-password']);
        $world->events->dispatch('user.deleted', ['userData' => $other]);
        $check->same('whoever has no account is no business of the bridge', 0, (int) $world->value("SELECT COUNT(*) FROM lhc_foyer_outbox WHERE payload LIKE '%\"user_id\":2%'"));
        $world->events->dispatch('user.deleted', ['userData' => $user]);
        $world->events->dispatch('user.deleted', ['userData' => $user]);
        $check->same('deleted once', 1, array_count_values(array_column($world->entries(), 'kind'))['operator.delete']);
        $check->same('and forgotten here', null, $world->foyer->operators()->find(1));
    },

    'accounts at the bridge' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->db->exec('INSERT INTO lh_userdep (user_id, dep_id) VALUES (1, 0)');
        $world->db->exec("INSERT INTO lh_departament (id, name) VALUES (2, 'Sales')");
        $accounts = new FoyerAccounts($world->foyer);
        $accounts->create(1, 'ada', 'a-long-password');
        $world->deliver();
        $asked = $bridge->asked();
        $create = array_values(array_filter($asked, static fn (array $one): bool => $one['call'] === 'POST /operators'))[0];
        $check->same('the name and password', ['Ada Min', 'a-long-password'], [$create['body']['name'], $create['body']['password']]);
        $state = array_reverse(array_filter($asked, static fn (array $one): bool => $one['call'] === 'PATCH /operators/40'))[0]['body'];
        $wanted = ['name' => 'Ada Min', 'departments' => [5, 6], 'max_chats' => 1000, 'disabled' => false];
        $check->same('with all departments, made where missing, and no limit, as here', $wanted, $state);
        $desk = array_values(array_filter($asked, static fn (array $one): bool => $one['call'] === 'POST /desks'))[0];
        $check->same('a desk for the department', ['key' => 'lhc-2', 'name' => 'Sales', 'department' => 6], $desk['body']);
        $check->same('the account is known here', ['40', 'ada@chat.example'], [$world->foyer->operators()->find(1)['foyer_id'], $world->foyer->operators()->find(1)['jid']]);
        $accounts->receives(1, false);
        $world->deliver();
        $check->same('who receives no new chats is in no department', [], array_reverse($bridge->asked())[0]['body']['departments']);
        $accounts->remove(1);
        $world->deliver();
        $check->same('and is removed', ['DELETE /operators/40'], $bridge->calls());
    },

    'an administrator changes what no event tells' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $cron = new FoyerCron($world->foyer);
        $told = static function () use ($cron, $bridge): array {
            $cron->run(10, static fn (string $line) => null);
            return array_map(static fn (array $one): array => $one['body'], array_values(array_filter($bridge->asked(), static fn (array $one): bool => $one['call'] === 'PATCH /operators/40')));
        };
        $check->same('nothing yet', [], $told());
        $world->db->exec("INSERT INTO lh_departament (id, name) VALUES (2, 'Sales')");
        $world->db->exec('INSERT INTO lh_userdep (user_id, dep_id) VALUES (1, 2)');
        $check->same('another department', [5, 6], array_reverse($told())[0]['departments']);
        $world->db->exec('UPDATE lh_userdep SET ro = 1 WHERE dep_id = 2 AND user_id = 1');
        $check->same('to look at only', [5], $told()[0]['departments']);
        $world->db->exec('UPDATE lh_users SET max_active_chats = 3 WHERE id = 1');
        $check->same('a limit', 3, $told()[0]['max_chats']);
        $check->same('once', [], $told());
        $world->db->exec('UPDATE lh_users SET disabled = 1 WHERE id = 1');
        $check->same('disabled', true, $told()[0]['disabled']);
    },

    'an account that is there already is taken over' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $bridge->answer([
            ['#^POST /operators$#', 409, ['code' => 'conflict'], 0],
            ['#^GET /operators$#', 200, ['operators' => [['id' => 8, 'jid' => 'adam@chat.example'], ['id' => 9, 'jid' => 'ada@chat.example']]], 0],
        ]);
        (new FoyerAccounts($world->foyer))->create(1, 'ada', null);
        $world->deliver();
        $check->same('by its name', '9', $world->foyer->operators()->find(1)['foyer_id']);
        $check->same('nothing is left', [], $world->waiting());
    },

    'accounts of xmppservice' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->db->exec('CREATE TABLE lhc_xmpp_service_account (id bigint NOT NULL AUTO_INCREMENT, username varchar(250) NOT NULL, password varchar(250) NOT NULL,
            user_id bigint NOT NULL, type int NOT NULL, ctime int NOT NULL, lactivity int NOT NULL, sendmessage int NOT NULL, PRIMARY KEY (id))');
        $world->db->exec("INSERT INTO lhc_xmpp_service_account (username, password, user_id, type, ctime, lactivity, sendmessage) VALUES
            ('ada@xmpp.example', 'ada-secret-password', 1, 0, 0, 0, 1), ('bob@xmpp.example', 'x', 2, 0, 0, 0, 0), ('ghost@xmpp.example', 'x', 99, 0, 0, 0, 1),
            ('visitor.12@xmpp.example', 'x', 12, 1, 0, 0, 0)");
        $lines = FoyerMigration::run($world->foyer);
        $check->same('operators who are still there', ['ada: taken over from xmppservice', 'bob: taken over from xmppservice'], $lines);
        $check->same('who receives chats', ['1', '0'], array_column($world->foyer->operators()->all(), 'receives'));
        $sealed = $world->entries()[0]['payload']['sealed'];
        $check->same('with their passwords', 'ada-secret-password', FoyerSeal::open($sealed, FoyerSettings::sealingKey()));
        $check->same('once', [], FoyerMigration::run($world->foyer));
        $check->same('the old table stays', 4, (int) $world->value('SELECT COUNT(*) FROM lhc_xmpp_service_account'));
    },

    'hiding from visitors' => static function (Check $check) use ($server, $bridge): void {
        $world = new World($server, $bridge->url);
        $world->account();
        $sets = static function (int $hidden) use ($world): void {
            $world->db->exec("UPDATE lh_users SET hide_online = $hidden WHERE id = 1");
            $user = $world->user();
            $world->events->dispatch('chat.operator_status_changed', ['user' => &$user, 'reason' => 'user_action']);
        };
        $sets(1);
        $world->deliver();
        [$only] = $bridge->asked();
        $check->same('takes the operator off duty at the bridge', ['PATCH /operators/40', ['off_duty' => true]], [$only['call'], $only['body']]);
        $sets(1);
        $check->same('said once', [], $world->waiting());
        $sets(0);
        $sets(1);
        $world->deliver();
        $check->same('only what it is in the end', [], $bridge->calls());
        $sets(0);
        $world->deliver();
        $check->same('and on duty again', [false], array_column(array_column($bridge->asked(), 'body'), 'off_duty'));
        $world->db->exec('UPDATE lh_users SET hide_online = 1 WHERE id IN (1, 2)');
        $check->same('what no event told the clock finds, of who has an account', 1, (new FoyerCron($world->foyer))->findUntold());
        $world->deliver();
        $check->same('and says it', [true], array_column(array_column($bridge->asked(), 'body'), 'off_duty'));
        (new FoyerAccounts($world->foyer))->create(2, 'bob', null);
        $bridge->answer([['#^POST /operators$#', 201, ['operator' => ['id' => 41, 'jid' => 'bob@chat.example']], 0]]);
        $world->deliver();
        $check->same('a new account is off duty from the start', ['PATCH /operators/41'], array_slice($bridge->calls(), -1));
    },

    'online by Live Helper Chat’s own rule' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $world->db->exec('INSERT INTO lh_userdep (user_id, dep_id) VALUES (1, 0)');
        $ada = ['operator' => ['id' => 40, 'name' => 'Ada Min', 'jid' => 'ada@chat.example'], 'status' => '', 'resources' => 1];
        // erLhcoreClassChat::isOnline, of one operator: in departments of its own, and in all of them.
        $online = static fn (): array => array_map(static fn (array $row): bool => (bool) $row[0], $world->db->query(
            'SELECT (last_activity > UNIX_TIMESTAMP() - 300 OR always_on = 1) AND hide_online = 0 AND ro = 0 FROM lh_userdep WHERE user_id = 1 ORDER BY dep_id',
        )->fetchAll(PDO::FETCH_NUM));
        $ages = static fn (int $seconds) => $world->db->exec("UPDATE lh_userdep SET last_activity = UNIX_TIMESTAMP() - $seconds WHERE user_id = 1");
        $xmpp = static fn (string $show): array => $world->callback($show === 'offline' ? 'operator.disconnected' : 'operator.changed', ['show' => $show] + $ada);
        $check->same('nowhere', [false, false], $online());
        $xmpp('chat');
        $check->same('with a client, everywhere', [true, true], $online());
        $ages(400);
        $world->callback('operators.online', ['operators' => [$ada['operator'] + ['show' => 'away', 'status' => '']]]);
        $check->same('for as long as it is named', [true, true], $online());
        $world->db->exec('UPDATE lh_userdep SET hide_online = 1 WHERE user_id = 1');
        $world->callback('operators.online', ['operators' => [$ada['operator'] + ['show' => 'chat', 'status' => '']]]);
        $check->same('hiding beats the client', [false, false], $online());
        $world->db->exec('UPDATE lh_userdep SET hide_online = 0 WHERE user_id = 1');
        $check->same('and leaves it be', [true, true], $online());
        $xmpp('dnd');
        $check->same('who isn’t to be disturbed is offline', [false, false], $online());
        $world->db->exec('UPDATE lh_userdep SET always_on = 1 WHERE user_id = 1');
        $xmpp('offline');
        $check->same('always on stays so', [true, true], $online());
        $world->db->exec('UPDATE lh_userdep SET always_on = 0 WHERE user_id = 1');
        $xmpp('available');
        $ages(-2);
        $xmpp('offline');
        $check->same('who is in the web interface too stays there', [true, true], $online());
        $ages(400);
        $check->same('until that ends', [false, false], $online());
        $xmpp('available');
        $ages(400);
        $world->events->dispatch('user.after_logout', ['user' => new erLhcoreClassUser(1)]);
        $check->same('a logout there leaves the client', [true, true], $online());
    },

    'online by XMPP' => static function (Check $check) use ($server): void {
        $world = new World($server);
        $world->account();
        $ada = ['id' => 40, 'name' => 'Ada Min', 'jid' => 'ada@chat.example'];
        $activity = static fn (): int => (int) $world->value('SELECT last_activity FROM lh_userdep WHERE user_id = 1');
        $world->callback('operator.connected', ['operator' => $ada, 'show' => 'available', 'status' => '', 'resources' => 1]);
        $check->same('is online in Live Helper Chat', true, $activity() >= time() - 2);
        $check->same('others hear of it', ['chat.operator_status_changed'], $world->events->names());
        $world->db->exec('UPDATE lh_userdep SET last_activity = 0 WHERE user_id = 1');
        $world->events->dispatch('user.after_logout', ['user' => new erLhcoreClassUser(1)]);
        $check->same('a logout from the web doesn’t end it', true, $activity() >= time() - 2);
        $world->callback('operator.disconnected', ['operator' => $ada, 'show' => 'offline', 'status' => '', 'resources' => 0]);
        $check->same('the client does', 0, $activity());
        $world->db->exec('UPDATE lh_userdep SET last_activity = 0 WHERE user_id = 1');
        $world->events->dispatch('user.after_logout', ['user' => new erLhcoreClassUser(1)]);
        $check->same('then a logout is one', 0, $activity());

        $web = static fn (): array => array_map(static fn (array $entry): bool => $entry['payload']['online'], array_values(array_filter($world->entries(), static fn (array $entry): bool => $entry['kind'] === 'operator.web')));
        $check->same('the bridge hears of both logouts', [false, false], $web());
        $world->db->exec('DELETE FROM lhc_foyer_outbox');
        $world->events->dispatch('user.login_after_success_authenticate', ['current_user' => new erLhcoreClassUser(1), 'tpl' => false]);
        $world->events->dispatch('user.login_after_success_authenticate', ['current_user' => new erLhcoreClassUser(2), 'tpl' => false]);
        $check->same('and of a login of who has an account', [true], $web());
        $world->db->exec('DELETE FROM lhc_foyer_outbox');
        $presence = new FoyerPresence($world->foyer);
        $presence->tellAllInWeb();
        $check->same('nobody is in the web interface', [], $web());
        $world->db->exec('UPDATE lh_userdep SET last_activity = UNIX_TIMESTAMP()');
        $presence->tellAllInWeb();
        $presence->tellAllInWeb();
        $check->same('Ada is, which is said once until the bridge has it', [true], $web());
        $world->db->exec('DELETE FROM lhc_foyer_outbox');

        $world->callback('operators.online', ['operators' => [$ada + ['show' => 'away', 'status' => '']]]);
        $presence->tellAllInWeb();
        $check->same('what Foyer itself wrote isn’t the web interface', [], $web());
        $check->same('the snapshot heals what was missed', true, $activity() >= time() - 2);
        $world->db->exec('UPDATE lh_userdep SET last_activity = last_activity + 5 WHERE user_id = 1');
        $web = $activity();
        $world->callback('operators.online', ['operators' => []]);
        $check->same('what the web interface wrote meanwhile stays', $web, $activity());
        $world->callback('operator.changed', ['operator' => $ada, 'show' => 'dnd', 'status' => '', 'resources' => 1]);
        $check->same('who doesn’t want to be disturbed isn’t', 'dnd', $world->foyer->operators()->find(1)['presence']);
        $old = $world->callback('operator.connected', ['operator' => $ada, 'show' => 'chat', 'status' => '', 'resources' => 1], ['at' => time() - 600]);
        $check->same('old news count for nothing', [200, 'out_of_date'], $old);
        $check->same('nor does a stranger', [200, 'unknown_operator'], $world->callback('operator.connected', ['operator' => ['id' => 7, 'jid' => 'x@y'], 'show' => 'chat']));
    },
];
