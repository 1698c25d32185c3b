<?php if (!empty($steps)) : ?>
<ul class="list-group mb-3" id="foyer-steps" ng-non-bindable>
<?php foreach ($steps as $step) : ?>
    <li class="list-group-item <?php echo $step['ok'] ? 'list-group-item-success' : 'list-group-item-danger'?>">
        <i class="material-icons"><?php echo $step['ok'] ? 'done' : 'error'?></i><?php echo FoyerPage::html(FoyerPage::text($step['what']))?>: <?php echo FoyerPage::html($step['text'])?>
    </li>
<?php endforeach; ?>
</ul>
<?php endif; ?>
