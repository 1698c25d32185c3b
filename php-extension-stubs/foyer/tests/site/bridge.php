<?php

// A bridge for the tests, run by PHP's built-in server: keeps what it is asked, answers what it is told to. FOYER_TEST_DIR says where.

$dir = getenv('FOYER_TEST_DIR');
$path = preg_replace('#^/api/v1#', '', $_SERVER['REQUEST_URI']);
$body = file_get_contents('php://input');
$asked = [
    'call' => "$_SERVER[REQUEST_METHOD] $path",
    'body' => json_decode($body, true),
    'key' => $_SERVER['HTTP_IDEMPOTENCY_KEY'] ?? null,
    'authorization' => $_SERVER['HTTP_AUTHORIZATION'] ?? null,
];
file_put_contents("$dir/asked", json_encode($asked) . "\n", FILE_APPEND | LOCK_EX);
foreach (json_decode(file_get_contents("$dir/answers"), true) as [$pattern, $status, $answer, $seconds]) {
    if (preg_match($pattern, $asked['call'])) {
        usleep((int) ($seconds * 1_000_000));
        http_response_code($status);
        header('Content-Type: application/json');
        echo json_encode($answer);
        return;
    }
}
http_response_code(404);
echo json_encode(['code' => 'route_not_found']);
