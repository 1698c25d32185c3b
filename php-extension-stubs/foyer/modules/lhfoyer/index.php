<?php

$Result = FoyerPage::show('index', '', array('settings' => Foyer::instance()->settings(), 'currentUser' => $currentUser));
