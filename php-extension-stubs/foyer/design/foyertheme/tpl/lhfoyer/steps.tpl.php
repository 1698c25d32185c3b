<?php if (!empty($steps)) : ?>
<div class="mb-3" id="foyer-steps" ng-non-bindable>
<?php foreach ($steps as $step) : ?>
    <div class="alert py-1 mb-1 <?php echo $step['ok'] ? 'alert-success' : 'alert-danger'?>">
        <i class="material-icons me-1"><?php echo $step['ok'] ? 'done' : 'error'?></i><?php echo FoyerPage::html(FoyerPage::text($step['what']))?>: <?php echo FoyerPage::html($step['text'])?>
    </div>
<?php endforeach; ?>
</div>
<?php endif; ?>
