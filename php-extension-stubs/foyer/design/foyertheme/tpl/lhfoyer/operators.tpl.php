<h1><?php echo FoyerPage::html(FoyerPage::text('XMPP accounts'))?></h1>

<?php if (!empty($errors)) : ?>
    <?php include(erLhcoreClassDesign::designtpl('lhkernel/validation_error.tpl.php'));?>
<?php endif; ?>
<?php if ($shown !== null) : ?>
<div class="alert alert-success" id="foyer-password" ng-non-bindable>
    <?php echo FoyerPage::html(FoyerPage::text('This is not shown again.'))?> <b><?php echo FoyerPage::html($shown['username'])?></b>: <code><?php echo FoyerPage::html($shown['password'])?></code>
</div>
<?php endif; ?>

<form action="<?php echo erLhcoreClassDesign::baseurl('foyer/operators')?>" method="post" class="row mb-2" ng-non-bindable>
    <div class="col-4"><input class="form-control form-control-sm" type="text" name="search" maxlength="100" value="<?php echo FoyerPage::html($search)?>" /></div>
    <div class="col-2"><input type="submit" class="btn btn-sm btn-secondary" value="<?php echo FoyerPage::html(FoyerPage::text('Search'))?>" /></div>
</form>

<table class="table table-sm table-hover" cellpadding="0" cellspacing="0" ng-non-bindable>
<thead>
<tr>
    <th width="1%">ID</th>
    <th><?php echo FoyerPage::html(FoyerPage::text('User'))?></th>
    <th><?php echo FoyerPage::html(FoyerPage::text('XMPP account'))?></th>
    <th><?php echo FoyerPage::html(FoyerPage::text('Presence'))?></th>
    <th><?php echo FoyerPage::html(FoyerPage::text('New chats'))?></th>
    <th>&nbsp;</th>
</tr>
</thead>
<?php foreach ($rows as $row) : ?>
<tr>
    <td><?php echo (int) $row['id']?></td>
    <td><?php echo FoyerPage::html(trim($row['name'] . ' ' . $row['surname']) . ' (' . $row['login'] . ')')?></td>
    <?php if ($row['username'] === null) : ?>
    <td colspan="4">
        <form action="<?php echo erLhcoreClassDesign::baseurl('foyer/operators')?>" method="post" class="row">
            <?php include(erLhcoreClassDesign::designtpl('lhkernel/csfr_token.tpl.php'));?>
            <input type="hidden" name="user_id" value="<?php echo (int) $row['id']?>" />
            <div class="col-4"><select class="form-control form-control-sm" name="by">
                <option value="username"><?php echo FoyerPage::html(FoyerPage::text('Named by the user name'))?></option>
                <option value="email"><?php echo FoyerPage::html(FoyerPage::text('Named by the e-mail address'))?></option>
                <option value="other"><?php echo FoyerPage::html(FoyerPage::text('Named'))?>:</option>
            </select></div>
            <div class="col-4"><input class="form-control form-control-sm" type="text" name="username" maxlength="61" value="" /></div>
            <div class="col-4"><input type="submit" class="btn btn-sm btn-secondary" name="create" <?php echo $connected ? '' : 'disabled="disabled"'?> value="<?php echo FoyerPage::html(FoyerPage::text('Create or assign'))?>" /></div>
        </form>
    </td>
    <?php else : ?>
    <td><?php echo FoyerPage::html($row['jid'] !== '' ? $row['jid'] : $row['username'])?><?php if ((int) $row['foyer_id'] === 0) : ?> <i><?php echo FoyerPage::html(FoyerPage::text('on its way'))?></i><?php endif; ?></td>
    <td><?php echo FoyerPage::html($row['presence'])?></td>
    <td><?php echo FoyerPage::html(FoyerPage::text((int) $row['receives'] === 1 ? 'yes' : 'no'))?></td>
    <td>
        <form action="<?php echo erLhcoreClassDesign::baseurl('foyer/operators')?>" method="post">
            <?php include(erLhcoreClassDesign::designtpl('lhkernel/csfr_token.tpl.php'));?>
            <input type="hidden" name="user_id" value="<?php echo (int) $row['id']?>" />
            <input type="submit" class="btn btn-xs btn-secondary me-1 mb-1" name="password" value="<?php echo FoyerPage::html(FoyerPage::text('New password'))?>" />
            <input type="submit" class="btn btn-xs btn-secondary me-1 mb-1" name="receives" value="<?php echo FoyerPage::html(FoyerPage::text((int) $row['receives'] === 1 ? 'No new chats' : 'New chats too'))?>" />
            <input type="submit" class="btn btn-xs btn-danger me-1 mb-1" name="remove" value="<?php echo FoyerPage::html(FoyerPage::text('Remove'))?>" />
        </form>
    </td>
    <?php endif; ?>
</tr>
<?php endforeach; ?>
</table>
