<?php

// What the back office doesn't ask. Copy to settings.ini.php to change a value; the connection itself is set up in the back office.
return array(
    // Seconds that a request may spend on the bridge after its answer has been sent.
    'after_answer_seconds' => 2,

    // Seconds that the cron job waits for one answer of the bridge.
    'cron_call_seconds' => 10,

    // A visitor who stays on a page is told to the bridge so often, in seconds: less than the bridge's hard timeout.
    'visitor_sign_seconds' => 60,

    // A dead outbox entry is kept so many days for a person to look at.
    'dead_days' => 30,
);
