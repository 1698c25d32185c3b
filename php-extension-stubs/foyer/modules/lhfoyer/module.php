<?php

$Module = array('name' => 'Foyer: operators answer from XMPP clients', 'variable_params' => true);

$ViewList = array();

// Without 'functions': the bridge and this installation itself have no login; each request is signed.
$ViewList['callback'] = array('params' => array(), 'uparams' => array());

$ViewList['deliver'] = array('params' => array(), 'uparams' => array());

$ViewList['index'] = array('params' => array(), 'uparams' => array(), 'functions' => array('use_admin'));

$ViewList['connection'] = array('params' => array(), 'uparams' => array(), 'functions' => array('configure'));

$ViewList['operators'] = array('params' => array(), 'uparams' => array(), 'functions' => array('manage_operators'));

$ViewList['state'] = array('params' => array(), 'uparams' => array(), 'functions' => array('use_admin'));

$FunctionList['use_admin'] = array('explain' => 'Allow operator to see the state of Foyer and to send again what the bridge refused');
$FunctionList['configure'] = array('explain' => 'Allow operator to set up the connection to the bridge');
$FunctionList['manage_operators'] = array('explain' => 'Allow operator to manage XMPP accounts of operators');
