<?php

// php cron.php -s site_admin -e foyer -c cron/install
//
// Makes or upgrades the tables, as the update page of the back office does, and takes over settings and accounts of the xmppservice extension once.

foreach (FoyerInstall::tables() as $fault) {
    echo $fault, "\n";
}
foreach (FoyerMigration::run(Foyer::instance()) as $line) {
    echo $line, "\n";
}
echo "Foyer's tables are in place.\n";
