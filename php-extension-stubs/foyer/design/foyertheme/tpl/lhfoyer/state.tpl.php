<h1><?php echo FoyerPage::html(FoyerPage::text('State'))?></h1>

<?php if ($done !== '') : $msg = FoyerPage::html($done); ?>
    <?php include(erLhcoreClassDesign::designtpl('lhkernel/alert_success.tpl.php'));?>
<?php endif; ?>
<?php if ($away) : ?>
<div class="alert alert-warning"><?php echo FoyerPage::html(FoyerPage::text('The bridge doesn’t answer. What happens is kept and told later.'))?></div>
<?php endif; ?>

<table class="table table-sm" id="foyer-state" ng-non-bindable>
    <tr><th><?php echo FoyerPage::html(FoyerPage::text('Waiting for the bridge'))?></th><td><?php echo $state['waiting']?></td></tr>
    <tr><th><?php echo FoyerPage::html(FoyerPage::text('Oldest of them'))?></th><td><?php echo $state['oldest'] === null ? '' : FoyerPage::html(date('Y-m-d H:i:s', $state['oldest']))?></td></tr>
    <tr><th><?php echo FoyerPage::html(FoyerPage::text('Refused by the bridge'))?></th><td><?php echo $state['dead']?></td></tr>
    <tr><th><?php echo FoyerPage::html(FoyerPage::text('Last error'))?></th><td><?php echo FoyerPage::html($state['error'])?></td></tr>
    <tr><th><?php echo FoyerPage::html(FoyerPage::text('Operators online by XMPP'))?></th><td><?php echo FoyerPage::html(implode(', ', array_column(array_filter($operators, static function ($one) { return $one['presence'] !== 'offline'; }), 'username')))?></td></tr>
</table>

<form action="<?php echo erLhcoreClassDesign::baseurl('foyer/state')?>" method="post" class="mb-3">
    <?php include(erLhcoreClassDesign::designtpl('lhkernel/csfr_token.tpl.php'));?>
    <input type="submit" class="btn btn-secondary me-1 mb-1" name="resend" value="<?php echo FoyerPage::html(FoyerPage::text('Send all again now'))?>" />
</form>

<?php if (!empty($dead)) : ?>
<table class="table table-sm table-hover" ng-non-bindable>
<thead>
<tr><th width="1%">ID</th><th><?php echo FoyerPage::html(FoyerPage::text('When'))?></th><th><?php echo FoyerPage::html(FoyerPage::text('What'))?></th><th><?php echo FoyerPage::html(FoyerPage::text('Error'))?></th><th>&nbsp;</th></tr>
</thead>
<?php foreach ($dead as $entry) : ?>
<tr>
    <td><?php echo (int) $entry['id']?></td>
    <td><?php echo FoyerPage::html(date('Y-m-d H:i:s', (int) $entry['ctime']))?></td>
    <td><?php echo FoyerPage::html($entry['kind'] . ' (' . $entry['lane'] . ')')?></td>
    <td><?php echo FoyerPage::html($entry['error'])?></td>
    <td>
        <form action="<?php echo erLhcoreClassDesign::baseurl('foyer/state')?>" method="post">
            <?php include(erLhcoreClassDesign::designtpl('lhkernel/csfr_token.tpl.php'));?>
            <input type="hidden" name="id" value="<?php echo (int) $entry['id']?>" />
            <input type="submit" class="btn btn-xs btn-secondary me-1 mb-1" name="resend" value="<?php echo FoyerPage::html(FoyerPage::text('Send again'))?>" />
            <input type="submit" class="btn btn-xs btn-danger me-1 mb-1" name="forget" value="<?php echo FoyerPage::html(FoyerPage::text('Throw away'))?>" />
        </form>
    </td>
</tr>
<?php endforeach; ?>
</table>
<?php endif; ?>
