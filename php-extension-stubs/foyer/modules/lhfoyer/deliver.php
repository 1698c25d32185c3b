<?php

// Where PHP can't go on after its answer, a request wakes this one and doesn't wait. Signed by this very installation.

ignore_user_abort(true);

$foyer = Foyer::instance();
$id = (string) ($_SERVER['HTTP_WEBHOOK_ID'] ?? '');
$timestamp = (string) ($_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '');
$signature = (string) ($_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '');

if (!FoyerAfterAnswer::isKick($foyer->settings(), $id, $timestamp, $signature)) {
    http_response_code(403);
    exit;
}

try {
    FoyerAfterAnswer::deliver($foyer, array());
} catch (\Throwable $fault) {
    FoyerLog::fault('deliver', $fault);
}
exit;
