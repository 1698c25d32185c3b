import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';

const BRIDGE = fileURLToPath(new URL('../../bridge', import.meta.url));

/** Folders (or files) of bridge/ that a folder may import from beside itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  shared: [],
  config: ['shared'],
  observe: ['shared', 'config'],
  domain: ['shared'],
  inbound: ['domain', 'shared', 'observe'],
  jobs: ['domain', 'shared', 'observe', 'cluster/ports.ts'],
  storage: ['domain', 'shared', 'observe', 'cluster/ports.ts'],
  outbound: ['domain', 'shared', 'observe'],
  cluster: ['domain', 'shared', 'observe'],
  stack: ['shared'],
  widget: [],
};

/** Packages that a folder may use; those that aren't here may use any. */
const PACKAGES: Record<string, readonly string[]> = {
  shared: [],
  config: ['ipaddr.js', 'yaml', 'zod'],
  domain: [],
  widget: [],
  storage: ['mysql2'],
  cluster: [],
  inbound: ['@koa/router', 'ipaddr.js', 'koa', 'zod', 'rate-limiter-flexible', 'jose', 'swagger-ui-dist'],
  outbound: ['@xmpp/client', 'axios', 'ipaddr.js', 'mysql2', 'nodemailer'],
  jobs: ['node-cron'],
  observe: ['pino', 'prom-client'],
};

/** What rules and use cases are given instead of taking it: time, chance, settings, the network. */
const NOT_IN_DOMAIN = [
  /\bprocess\.env\b/,
  /\bDate\.now\b/,
  /\bnew Date\(\)/,
  /\bMath\.random\b/,
  /\bperformance\b/,
  /\bfetch\(/,
  /\bsetTimeout\b/,
  /\bsetInterval\b/,
];

interface Import {
  from: string;
  to: string;
}

describe('imports', () => {
  const imports: Import[] = [];
  const packages: Import[] = [];
  const sources = new Map<string, string>();

  before(async () => {
    const files = (await readdir(BRIDGE, { recursive: true })).filter(
      (file) => /\.ts$/.test(file) && !file.endsWith('.d.ts'),
    );
    for (const file of files) {
      const text = readFileSync(join(BRIDGE, file), 'utf8');
      sources.set(file, text);
      for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
        if (fileName.startsWith('.'))
          imports.push({ from: file, to: normalize(join(dirname(file), fileName)).replace(/\.js$/, '.ts') });
        else packages.push({ from: file, to: fileName });
      }
    }
    expect(files.length).to.be.greaterThan(100);
  });

  const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');
  const shown = (list: Import[]) => list.map(({ from, to }) => `${from} → ${to}`);

  for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
    it(`of ${folder} go to ${['itself', ...allowed].join(', ')} and nowhere else`, () => {
      const forbidden = imports.filter(
        ({ from, to }) =>
          folderOf(from) === folder &&
          folderOf(to) !== folder &&
          !allowed.some((one) => to === one || to.startsWith(`${one}/`)),
      );
      expect(shown(forbidden)).to.deep.equal([]);
    });
  }

  it('know every folder', () => {
    const folders = new Set([...sources.keys()].map(folderOf));
    expect([...folders].filter((folder) => !['', 'cli', ...Object.keys(MAY_IMPORT)].includes(folder))).to.deep.equal(
      [],
    );
  });

  it('of the composition are the programs’ alone', () => {
    const forbidden = imports.filter(
      ({ from, to }) => to.startsWith('compose') && !/^(compose|main\.ts|cli\/)/.test(from),
    );
    expect(shown(forbidden)).to.deep.equal([]);
  });

  it('of the command line are the programs’ alone', () => {
    const forbidden = imports.filter(
      ({ from, to }) => (to.startsWith('cli/') || to === 'main.ts') && !/^(main\.ts|cli\/)/.test(from),
    );
    expect(shown(forbidden)).to.deep.equal([]);
  });

  for (const [folder, allowed] of Object.entries(PACKAGES)) {
    it(`of ${folder} use ${allowed.length === 0 ? 'no package' : allowed.join(', ')}`, () => {
      const forbidden = packages.filter(
        ({ from, to }) =>
          folderOf(from) === folder &&
          !to.startsWith('node:') &&
          !allowed.some((one) => to === one || to.startsWith(`${one}/`)),
      );
      expect(shown(forbidden)).to.deep.equal([]);
    });
  }

  it('of the widget use nothing of Node', () => {
    expect(
      shown(packages.filter(({ from, to }) => from.startsWith('widget/') && to.startsWith('node:'))),
    ).to.deep.equal([]);
  });

  it('of the domain use nothing of Node', () => {
    expect(
      shown(packages.filter(({ from, to }) => from.startsWith('domain/') && to.startsWith('node:'))),
    ).to.deep.equal([]);
  });

  it('lead to files that there are', () => {
    expect(
      shown(
        imports.filter(
          ({ to }) => to.endsWith('.ts') && !sources.has(to) && !sources.has(to.replace(/\.ts$/, '.d.ts')),
        ),
      ),
    ).to.deep.equal([]);
  });

  it('never go round in a circle', () => {
    const targets = new Map<string, string[]>();
    for (const [file, text] of sources) targets.set(file, valueImports(file, text));
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (file: string, path: string[]): void => {
      if (path.includes(file)) return void circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file)) return;
      for (const target of targets.get(file) ?? []) walk(target, [...path, file]);
      done.add(file);
    };
    for (const file of sources.keys()) walk(file, []);
    expect(circles).to.deep.equal([]);
  });

  it('are not needed for time, chance, settings or the network in the domain: these are passed in', () => {
    const found = [...sources].flatMap(([file, text]) =>
      file.startsWith('domain/')
        ? NOT_IN_DOMAIN.filter((pattern) => pattern.test(text)).map((pattern) => `${file}: ${String(pattern)}`)
        : [],
    );
    expect(found).to.deep.equal([]);
  });

  /** Imports that are there at run time too. */
  function valueImports(file: string, text: string): string[] {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
    return source.statements.flatMap((statement) => {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
      const isType = ts.isImportDeclaration(statement)
        ? statement.importClause?.isTypeOnly === true
        : statement.isTypeOnly;
      const specifier = statement.moduleSpecifier;
      if (isType || !specifier || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return [];
      return [relative('.', join(dirname(file), specifier.text)).replace(/\.js$/, '.ts')];
    });
  }
});
