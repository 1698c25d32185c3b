import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildWidget, MAX_GZIP_BYTES } from '../../../bridge/widget/build.mjs';

describe('widget: the build', () => {
  let directory: string;
  let sizes: Record<string, number>;
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'foyer-widget-'));
    sizes = await buildWidget(directory);
  });

  after(() => rm(directory, { recursive: true, force: true }));

  it('stays within 15 KB gzipped, scripts and styles together', () => {
    expect(MAX_GZIP_BYTES).to.equal(15_360);
    expect(sizes['total']).to.be.within(1, MAX_GZIP_BYTES);
  });

  it('turns no text into markup or code', async () => {
    for (const name of ['widget', 'frame', 'seldom', 'marks', 'operator/operator', 'supervisor/supervisor']) {
      expect(await read(`${name}.js`), name).to.not.match(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc/,
      );
    }
  });

  it('embeds a classic script without imports', async () => {
    expect(await read('widget.js')).to.not.match(/\bimport\b|\bexport\b|\brequire\(/);
  });

  it('has a frame without inline scripts or styles, whose files are named by their content', async () => {
    const page = await read('frame.html');
    expect(page).to.match(/<script defer src="frame\.js\?v=[0-9a-f]{12}"><\/script>/);
    expect(page).to.match(/href="frame\.css\?v=[0-9a-f]{12}"/);
    expect(page).to.not.match(/<style|style=| on\w+=|VERSION/);
    expect(page.match(/<script/g)).to.have.length(1);
  });

  it('has pages for those who work with Foyer without inline scripts or styles', async () => {
    for (const name of ['operator', 'supervisor']) {
      const page = await read(`${name}/${name}.html`);
      expect(page, name).to.not.match(/<style|style=| on\w+=|<script(?![^>]* src=)/);
      expect(await read(`${name}/${name}.css`), name).to.not.match(/@import|url\(/);
    }
  });

  it('brings the strings and the demo site along', async () => {
    expect(await readdir(join(directory, 'strings'))).to.include.members([
      'en.json',
      'de.json',
      'fr.json',
      'es.json',
      'nl.json',
    ]);
    expect(await readdir(join(directory, 'demo'))).to.include.members([
      'index.html',
      'pricing.html',
      'docs.html',
      'demo.css',
    ]);
  });
});
