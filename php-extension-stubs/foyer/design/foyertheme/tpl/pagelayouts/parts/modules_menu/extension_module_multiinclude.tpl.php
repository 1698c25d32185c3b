<?php if (erLhcoreClassUser::instance()->hasAccessTo('lhfoyer', 'use_admin')) : ?>
<li class="nav-item"><a class="nav-link" href="<?php echo erLhcoreClassDesign::baseurl('foyer/index')?>"><i class="material-icons">forum</i>Foyer</a></li>
<?php endif; ?>
