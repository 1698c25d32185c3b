<?php

$foyer = Foyer::instance();
$accounts = new FoyerAccounts($foyer);
$errors = array();
$shown = null;
$userId = (int) FoyerPage::field('user_id');
$user = $userId > 0 ? erLhcoreClassModelUser::fetch($userId) : false;
$known = $foyer->operators()->find($userId);

if (is_object($user) && $known === null && FoyerPage::sent('create', $currentUser)) {
    $wished = FoyerPage::field('username');
    $name = array('username' => (string) $user->username, 'email' => (string) $user->email)[FoyerPage::field('by')] ?? $wished;
    $username = FoyerAccounts::username($name);
    if ($username === '') {
        $errors[] = FoyerPage::html(FoyerPage::text('The account needs a name of letters and digits'));
    } else {
        $password = FoyerPage::password();
        $accounts->create($userId, $username, $password);
        $shown = array('username' => $username, 'password' => $password);
    }
} elseif ($known !== null && FoyerPage::sent('password', $currentUser)) {
    $password = FoyerPage::password();
    $accounts->password($userId, $password);
    $shown = array('username' => $known['username'], 'password' => $password);
} elseif ($known !== null && FoyerPage::sent('receives', $currentUser)) {
    $accounts->receives($userId, (int) $known['receives'] !== 1);
} elseif ($known !== null && FoyerPage::sent('remove', $currentUser)) {
    $accounts->remove($userId);
}

$search = FoyerPage::field('search');
$Result = FoyerPage::show('operators', 'XMPP accounts', array(
    'rows' => $foyer->operators()->withUsers($search),
    'search' => $search,
    'errors' => $errors,
    'shown' => $shown,
    'connected' => $foyer->settings()->connected(),
));
