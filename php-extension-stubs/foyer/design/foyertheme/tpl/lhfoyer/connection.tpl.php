<h1><?php echo FoyerPage::html(FoyerPage::text('Connection'))?></h1>

<?php if (!empty($errors)) : ?>
    <?php include(erLhcoreClassDesign::designtpl('lhkernel/validation_error.tpl.php'));?>
<?php endif; ?>
<?php if ($saved) : $msg = FoyerPage::html(FoyerPage::text('Settings updated')); ?>
    <?php include(erLhcoreClassDesign::designtpl('lhkernel/alert_success.tpl.php'));?>
<?php endif; ?>
<?php include(erLhcoreClassDesign::designtpl('lhfoyer/steps.tpl.php'));?>

<form action="<?php echo erLhcoreClassDesign::baseurl('foyer/connection')?>" method="post" autocomplete="off" ng-non-bindable>
    <div class="form-group">
        <label for="foyer-url"><?php echo FoyerPage::html(FoyerPage::text('Address of the bridge'))?></label>
        <input class="form-control form-control-sm" id="foyer-url" type="url" name="bridge_url" maxlength="250" placeholder="https://bridge.example.org" value="<?php echo FoyerPage::html($settings->bridgeUrl)?>" />
    </div>
    <div class="form-group">
        <label for="foyer-key"><?php echo FoyerPage::html(FoyerPage::text('API key'))?></label>
        <input class="form-control form-control-sm" id="foyer-key" type="password" name="api_key" maxlength="250" autocomplete="new-password" placeholder="<?php echo $settings->apiKey === '' ? '' : FoyerPage::html(FoyerPage::text('stays as it is when empty'))?>" value="" />
        <p><small><i><?php echo FoyerPage::html(FoyerPage::text('Of the bridge: foyer key add, with the scopes chats, visitors, operators, desks and outbox.'))?></i></small></p>
    </div>
    <div class="form-group">
        <label for="foyer-callback"><?php echo FoyerPage::html(FoyerPage::text('Where the bridge calls back'))?></label>
        <input class="form-control form-control-sm" id="foyer-callback" type="url" name="callback_url" maxlength="500" value="<?php echo FoyerPage::html($callback)?>" />
        <p><small><i><?php echo FoyerPage::html(FoyerPage::text('This Live Helper Chat as the bridge reaches it. The bridge is told when you connect, and gets a secret that signs every callback.'))?></i></small></p>
    </div>
    <?php include(erLhcoreClassDesign::designtpl('lhkernel/csfr_token.tpl.php'));?>
    <input type="submit" class="btn btn-primary me-1 mb-1" name="connect" value="<?php echo FoyerPage::html(FoyerPage::text('Connect'))?>" />
    <?php if ($settings->connected()) : ?>
    <input type="submit" class="btn btn-secondary me-1 mb-1" name="test" value="<?php echo FoyerPage::html(FoyerPage::text('Test the round trip'))?>" />
    <input type="submit" class="btn btn-secondary me-1 mb-1" name="new_secret" value="<?php echo FoyerPage::html(FoyerPage::text('Connect with a new secret'))?>" />
    <input type="submit" class="btn btn-danger me-1 mb-1" name="disconnect" value="<?php echo FoyerPage::html(FoyerPage::text('Disconnect'))?>" />
    <?php endif; ?>
</form>

<hr />

<form action="<?php echo erLhcoreClassDesign::baseurl('foyer/connection')?>" method="post" ng-non-bindable>
    <div class="form-group">
        <label><input type="checkbox" class="me-1" name="visitors" <?php echo $settings->visitors ? 'checked="checked"' : ''?> /> <?php echo FoyerPage::html(FoyerPage::text('Show visitors of the website to operators, also before they chat'))?></label>
        <p><small><i><?php echo FoyerPage::html(FoyerPage::text('Needs the tracking of online visitors of Live Helper Chat.'))?></i></small></p>
    </div>
    <div class="form-group">
        <label for="foyer-create"><?php echo FoyerPage::html(FoyerPage::text('XMPP accounts for new users'))?></label>
        <select class="form-control form-control-sm" id="foyer-create" name="create_accounts">
            <option value="no"><?php echo FoyerPage::html(FoyerPage::text('None'))?></option>
            <option value="username" <?php echo $settings->createAccounts === 'username' ? 'selected="selected"' : ''?>><?php echo FoyerPage::html(FoyerPage::text('Named by the user name'))?></option>
            <option value="email" <?php echo $settings->createAccounts === 'email' ? 'selected="selected"' : ''?>><?php echo FoyerPage::html(FoyerPage::text('Named by the e-mail address'))?></option>
        </select>
    </div>
    <div class="form-group">
        <label><input type="checkbox" class="me-1" name="same_password" <?php echo $settings->samePassword ? 'checked="checked"' : ''?> /> <?php echo FoyerPage::html(FoyerPage::text('The XMPP account gets the password of Live Helper Chat whenever it is set'))?></label>
    </div>
    <div class="form-group">
        <label for="foyer-default"><?php echo FoyerPage::html(FoyerPage::text('Number of the user in whose name operators write who have no user here; 0: they can’t'))?></label>
        <input class="form-control form-control-sm" id="foyer-default" type="number" min="0" name="default_user" value="<?php echo $settings->defaultUser?>" />
    </div>
    <?php include(erLhcoreClassDesign::designtpl('lhkernel/csfr_token.tpl.php'));?>
    <input type="submit" class="btn btn-secondary" name="choices" value="<?php echo FoyerPage::html(FoyerPage::text('Update'))?>" />
</form>
