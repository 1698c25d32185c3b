import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';
import { createMetrics } from '../../../bridge/observe/metrics.js';
import { API_COMMANDS } from '../../../bridge/stack/ejabberd-config.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string };
}

describe('what is written of the figures', () => {
  const operating = read('bridge/docs/operating.md');
  const metrics = createMetrics({ processMetrics: false }).registry.getMetricsAsArray();
  const histograms = new Set(metrics.filter(({ type }) => String(type) === 'histogram').map(({ name }) => name));
  const registered = new Set(metrics.map(({ name }) => name));
  const rules = (parse(read('config/prometheus-alerts.foyer.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    (group) => group.rules,
  );

  /** A histogram is read by three names. */
  const base = (name: string) => {
    const bare = name.replace(/_(bucket|count|sum)$/, '');
    return histograms.has(bare) ? bare : name;
  };
  const named = (text: string) => {
    const names = [...text.matchAll(/\bfoyer_\w*\w/g)].map(([name]) => base(name));
    return new Set(names.filter((name) => !API_COMMANDS.includes(name)));
  };
  /** Names with what is asked of their labels. */
  const labelled = (text: string) =>
    [...text.matchAll(/\b(foyer_\w+)\{(\w+)(?:=~|!=|=)/g)].map(([, name = '', label = '']) => [base(name), label]);
  const labelsOf = (name: string): readonly string[] => {
    const metric = metrics.find((one) => one.name === name) as unknown as { labelNames?: string[] } | undefined;
    return metric?.labelNames ?? [];
  };

  it('for people names all that there are, and no others', () => {
    expect([...named(operating)].sort()).to.deep.equal([...registered].sort());
  });

  it('for Prometheus names only some that there are', () => {
    const used = rules.flatMap(({ expr }) => [...named(expr)]);
    expect(used.length).to.be.greaterThan(10);
    expect(used.filter((name) => !registered.has(name))).to.deep.equal([]);
  });

  it('asks only for labels that they have', () => {
    const asked = [operating, ...rules.map(({ expr }) => expr)].flatMap(labelled);
    expect(asked.length).to.be.greaterThan(15);
    expect(asked.filter(([name = '', label = '']) => !labelsOf(name).includes(label))).to.deep.equal([]);
    const shown = rules.flatMap(({ alert, expr, annotations }) =>
      [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => ({ alert, expr, label })),
    );
    const unknown = shown.filter(
      ({ expr, label }) => label !== 'instance' && ![...named(expr)].some((name) => labelsOf(name).includes(label)),
    );
    expect(unknown).to.deep.equal([]);
  });

  it('quotes lines of the log that there are', () => {
    const section = operating.slice(operating.indexOf('## What each fault'), operating.indexOf('## Figures'));
    const quoted = [...section.matchAll(/"([a-zA-Z][^"`=]{7,})"/g)].map(([, line = '']) => line);
    const sources = ['bridge', 'ejabberd-module']
      .flatMap((folder) =>
        readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
      )
      .filter((path) => /\.(ts|erl)$/.test(path))
      .map(read)
      .join('\n');
    expect(quoted.length).to.be.greaterThan(12);
    expect(quoted.filter((line) => !sources.includes(line))).to.deep.equal([]);
  });
});
