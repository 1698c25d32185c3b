<?php

// FOYER_BRIDGE_URL=https://… FOYER_API_KEY=… FOYER_CALLBACK_URL=https://…/index.php/foyer/callback php cron.php -s site_admin -e foyer -c cron/connect
//
// What the connection page does, for hosting by scripts. The key comes by the environment: command lines are seen by everybody on the machine.

$url = (string) getenv('FOYER_BRIDGE_URL');
$fault = FoyerConnection::faultOf($url);
if ($fault !== null || (string) getenv('FOYER_API_KEY') === '') {
    fwrite(STDERR, 'FOYER_BRIDGE_URL, FOYER_API_KEY: ' . ($fault ?? 'the key is missing') . "\n");
    exit(2);
}
$callback = (string) getenv('FOYER_CALLBACK_URL');
$connection = new FoyerConnection(Foyer::instance());
$steps = $connection->connect($url, (string) getenv('FOYER_API_KEY'), $callback !== '' ? $callback : Foyer::address('foyer/callback'));
if (array_column($steps, 'ok') === array(true, true)) {
    $steps = array_merge($steps, $connection->test());
}
foreach ($steps as $step) {
    echo $step['ok'] ? 'ok   ' : 'FAIL ', $step['what'], ' (', $step['text'], ")\n";
}
exit(in_array(false, array_column($steps, 'ok'), true) ? 1 : 0);
