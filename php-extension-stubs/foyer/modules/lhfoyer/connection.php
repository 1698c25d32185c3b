<?php

$foyer = Foyer::instance();
$errors = array();
$steps = array();
$saved = false;

if (FoyerPage::sent('connect', $currentUser) || FoyerPage::sent('new_secret', $currentUser)) {
    $url = FoyerPage::field('bridge_url');
    $callback = FoyerPage::field('callback_url');
    $key = FoyerPage::field('api_key') !== '' ? FoyerPage::field('api_key') : $foyer->settings()->apiKey;
    foreach (array($url, $callback) as $address) {
        $fault = FoyerConnection::faultOf($address);
        if ($fault !== null) {
            $errors[] = FoyerPage::html(FoyerPage::text($fault));
        }
    }
    if ($key === '') {
        $errors[] = FoyerPage::html(FoyerPage::text('The API key is missing'));
    }
    if ($errors === array()) {
        $steps = (new FoyerConnection($foyer))->connect($url, $key, $callback, isset($_POST['new_secret']));
        $saved = true;
    }
} elseif (FoyerPage::sent('test', $currentUser)) {
    $steps = (new FoyerConnection($foyer))->test();
} elseif (FoyerPage::sent('disconnect', $currentUser)) {
    (new FoyerConnection($foyer))->disconnect();
} elseif (FoyerPage::sent('choices', $currentUser)) {
    $foyer->settings()->save(array(
        'visitors' => isset($_POST['visitors']),
        'create_accounts' => in_array(FoyerPage::field('create_accounts'), array('username', 'email'), true) ? FoyerPage::field('create_accounts') : 'no',
        'same_password' => isset($_POST['same_password']),
        'default_user' => (int) FoyerPage::field('default_user'),
    ));
    $saved = true;
}

$Result = FoyerPage::show('connection', 'Connection', array(
    'settings' => $foyer->settings(),
    'callback' => $foyer->settings()->callbackUrl !== '' ? $foyer->settings()->callbackUrl : Foyer::address('foyer/callback'),
    'steps' => $steps,
    'errors' => $errors,
    'saved' => $saved,
));
