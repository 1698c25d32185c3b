<?php

// The bridge calls back here. Reachable without login: the signature over the raw body is what lets in.

header('Content-Type: application/json; charset=utf-8');
header('Cache-Control: no-store');

if (($_SERVER['REQUEST_METHOD'] ?? '') !== 'POST') {
    http_response_code(405);
    header('Allow: POST');
    echo json_encode(array('error' => 'method_not_allowed'));
    exit;
}

$headers = array(
    'id' => (string) ($_SERVER['HTTP_WEBHOOK_ID'] ?? ''),
    'timestamp' => (string) ($_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? ''),
    'signature' => (string) ($_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? ''),
);

try {
    list($status, $answer) = (new FoyerCallback(Foyer::instance()))->receive($headers, (string) file_get_contents('php://input'), time());
} catch (\Throwable $fault) {
    FoyerLog::fault('callback', $fault);
    $status = 500;
    $answer = array('error' => 'internal');
}

http_response_code($status);
if ($status === 503) {
    header('Retry-After: 1');
}
echo json_encode($answer);
exit;
