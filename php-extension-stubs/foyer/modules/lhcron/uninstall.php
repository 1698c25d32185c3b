<?php

// php cron.php -s site_admin -e foyer -c cron/uninstall
//
// Run it before the extension leaves settings.ini.php: removes every table, setting and permission of Foyer. Chats and operators stay as they are.

FoyerInstall::remove();
echo "Nothing of Foyer is left in the database: take it out of settings.ini.php now, then clear the cache.\n";
