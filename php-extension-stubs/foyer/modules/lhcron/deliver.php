<?php

// php cron.php -s site_admin -e foyer -c cron/deliver
//
// Once a minute. Brings the bridge what it has not been told yet, looks for what no event of Live Helper Chat tells, and throws away what is old.

$foyer = Foyer::instance();
if (!$foyer->settings()->connected()) {
    echo "Foyer isn't connected to a bridge.\n";
    exit;
}

(new FoyerCron($foyer))->run(50.0, static function (string $line): void {
    echo $line, "\n";
});
