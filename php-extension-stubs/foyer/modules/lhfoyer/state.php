<?php

$foyer = Foyer::instance();
$done = '';

if (FoyerPage::sent('resend', $currentUser)) {
    $id = (int) FoyerPage::field('id');
    $foyer->outbox()->resend($id > 0 ? $id : null);
    $done = FoyerPage::text('It is sent again.');
    if ($foyer->settings()->connected()) {
        FoyerAfterAnswer::deliver($foyer, array());
    }
} elseif (FoyerPage::sent('forget', $currentUser)) {
    $foyer->outbox()->forget((int) FoyerPage::field('id'));
    $done = FoyerPage::text('It is thrown away.');
}

$Result = FoyerPage::show('state', 'State', array(
    'state' => $foyer->outbox()->state(),
    'dead' => $foyer->outbox()->listDead(100),
    'away' => $foyer->outbox()->bridgeIsAway(time()),
    'operators' => $foyer->operators()->all(),
    'done' => $done,
));
