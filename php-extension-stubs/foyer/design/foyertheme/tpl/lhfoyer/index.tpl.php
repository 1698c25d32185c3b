<h1>Foyer</h1>

<p><?php echo FoyerPage::html(FoyerPage::text('Operators answer from the XMPP client that they use anyway; Live Helper Chat keeps the record.'))?></p>

<?php if (!$settings->connected()) : ?>
<div class="alert alert-warning"><?php echo FoyerPage::html(FoyerPage::text('There is no connection to a bridge yet.'))?></div>
<?php endif; ?>

<ul>
<?php if ($currentUser->hasAccessTo('lhfoyer', 'configure')) : ?>
    <li><a href="<?php echo erLhcoreClassDesign::baseurl('foyer/connection')?>"><?php echo FoyerPage::html(FoyerPage::text('Connection'))?></a></li>
<?php endif; ?>
<?php if ($currentUser->hasAccessTo('lhfoyer', 'manage_operators')) : ?>
    <li><a href="<?php echo erLhcoreClassDesign::baseurl('foyer/operators')?>"><?php echo FoyerPage::html(FoyerPage::text('XMPP accounts'))?></a></li>
<?php endif; ?>
    <li><a href="<?php echo erLhcoreClassDesign::baseurl('foyer/state')?>"><?php echo FoyerPage::html(FoyerPage::text('State'))?></a></li>
</ul>
