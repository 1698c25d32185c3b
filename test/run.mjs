// Runs everything that is to be tested, step by step, whatever fails; what `npm test` does when the set-up is done.
// node test/run.mjs [step…]     The very last line is "N passed, N failed"; the exit code is 1 when any failed.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLONE = join(dirname(fileURLToPath(import.meta.url)), '..');
const WORK = mkdtempSync(join(tmpdir(), 'foyer-test-')); // also the temporary directory of all steps, so that it goes with them
const OVERALL_MINUTES = 80;
const LINGER_MS = 60_000; // a mocha that is still there so long after its last test has left something open

const [node, bin] = [process.execPath, join(CLONE, 'node_modules')];
const tsc = (project) => [node, join(bin, 'typescript/bin/tsc'), '--noEmit', '-p', project];
const eslint = [
  node,
  join(bin, 'eslint/bin/eslint.js'),
  '--config',
  'config/lint/eslint.config.mjs',
  '--max-warnings',
  '0',
];

const STEPS = [
  check('types', 10, tsc('tsconfig.json'), tsc('test/tsconfig.json'), tsc('bridge/widget/tsconfig.json')),
  check('lint', 10, [...eslint, 'bridge', 'test']),
  counted('erlang', 10, 'ejabberd-module/test/run', eunitCounts),
  counted('php', 10, 'php-extension-stubs/foyer/tests/run', printedCounts),
  specs('unit', 10),
  specs('integration', 20),
  specs('e2e', 30),
  specs('faults', 30),
];

const began = Date.now();
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stopAll(signal));
const overall = setTimeout(
  () => stopAll(`after ${OVERALL_MINUTES} minutes, which is too long`),
  OVERALL_MINUTES * 60_000,
);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length > 0) {
  process.stderr.write(`no such step: ${unknown.join(', ')}; there are ${STEPS.map((step) => step.name).join(', ')}\n`);
  process.exit(2);
}
const results = [];
for (const step of STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  if (!step.present()) continue;
  process.stdout.write(`\n── ${step.name} ──\n`);
  const from = Date.now();
  const result = await step.run();
  results.push({ name: step.name, ...result, seconds: (Date.now() - from) / 1000 });
  for (const note of result.notes) process.stdout.write(`${step.name}: ${note}\n`);
}
finish();

function finish() {
  clearTimeout(overall);
  rmSync(WORK, { recursive: true, force: true, maxRetries: 10 });
  process.stdout.write(`\nstep          passed  failed  seconds\n`);
  for (const { name, passed, failed, seconds } of results) {
    const cells = [
      name.padEnd(12),
      String(passed).padStart(8),
      String(failed).padStart(8),
      seconds.toFixed(1).padStart(9),
    ];
    process.stdout.write(`${cells.join('')}\n`);
  }
  const sum = (of) => results.reduce((total, result) => total + result[of], 0);
  process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed\n`);
}

function stopAll(why) {
  process.stdout.write(`\nstopped: ${why}\n`);
  results.push({ name: 'stopped', passed: 0, failed: 1, seconds: (Date.now() - began) / 1000 });
  for (const child of running) killGroup(child, 'SIGKILL');
  finish();
  process.exit(1);
}

/** A step of programs that must all succeed; counts as one. */
function check(name, minutes, ...commands) {
  return {
    name,
    present: () => true,
    async run() {
      const notes = [];
      for (const command of commands.filter((argv) => !argv.includes('-p') || existsSync(join(CLONE, argv.at(-1))))) {
        const { code, late } = await run(command, { minutes });
        if (late) notes.push(`not finished within ${minutes} minutes`);
        else if (code !== 0) notes.push(`code ${code}: ${command.slice(1).join(' ').replace(`${CLONE}/`, '')}`);
      }
      return { passed: notes.length === 0 ? 1 : 0, failed: notes.length === 0 ? 0 : 1, notes };
    },
  };
}

/** A step of one program that prints what passed; `countsOf` finds that in its output. */
function counted(name, minutes, program, countsOf) {
  return {
    name,
    present: () => existsSync(join(CLONE, program)),
    async run() {
      const { code, late, said } = await run([join(CLONE, program)], { minutes, keep: true });
      const { passed, failed } = countsOf(said);
      if (code === 0 && passed > 0) return { passed, failed, notes: [] };
      const note = late ? `not finished within ${minutes} minutes` : `code ${code}, ${passed} passed`;
      return { passed, failed: Math.max(failed, 1), notes: [note] };
    },
  };
}

/** The mocha specs of one folder of test/. A skipped test counts as failed. */
function specs(name, minutes) {
  const folder = join(CLONE, 'test', name);
  const files = () =>
    existsSync(folder) ? readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.spec.ts')) : [];
  return {
    name,
    present: () => files().length > 0,
    async run() {
      const output = join(WORK, `${name}.json`);
      const mocha = [node, '--import', 'tsx', join(bin, 'mocha/lib/cli/cli.js'), '--no-package', '--no-config'];
      const reporter = [
        '--reporter',
        join(CLONE, 'test/support/stack-reporter.mjs'),
        '--reporter-option',
        `output=${output}`,
      ];
      const rest = ['--require', 'test/support/hooks.ts', '--timeout', '30000'];
      const argv = [
        ...mocha,
        ...reporter,
        ...rest,
        ...files()
          .sort()
          .map((file) => join('test', name, file)),
      ];
      const { code, late } = await run(argv, { minutes, doneFile: output });
      const counts = existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')) : undefined;
      const notes = [];
      if (counts === undefined)
        notes.push(
          late ? `not finished within ${minutes} minutes` : `mocha ended with code ${code} before its tests did`,
        );
      else if (late) notes.push('mocha did not end after its last test: something was left open');
      else if (code !== 0 && counts.failed === 0) notes.push(`mocha ended with code ${code}`);
      const skipped = counts?.skipped ?? 0;
      if (skipped > 0) notes.push(`${skipped} skipped`);
      const broken = notes.length > (skipped > 0 ? 1 : 0) ? 1 : 0;
      return { passed: counts?.passed ?? 0, failed: (counts?.failed ?? 0) + skipped + broken, notes };
    },
  };
}

/** Runs a program to its end, or kills it with all it started when it is late. */
async function run(argv, { minutes, keep = false, doneFile }) {
  return new Promise((resolve) => {
    const stdio = ['ignore', keep ? 'pipe' : 'inherit', keep ? 'pipe' : 'inherit'];
    const child = spawn(argv[0], argv.slice(1), {
      cwd: CLONE,
      env: { ...process.env, TMPDIR: WORK },
      detached: true,
      stdio,
    });
    running.add(child);
    const deadline = Date.now() + minutes * 60_000;
    let late = false;
    let doneAt;
    const watch = setInterval(() => {
      if (doneFile !== undefined && doneAt === undefined && existsSync(doneFile)) doneAt = Date.now();
      late = Date.now() > deadline || (doneAt !== undefined && Date.now() > doneAt + LINGER_MS);
      if (late) killGroup(child, 'SIGKILL');
    }, 500);
    let said = '';
    const hear = (chunk) => {
      said += chunk;
      process.stdout.write(chunk);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    const over = (code) => {
      clearInterval(watch);
      running.delete(child);
      resolve({ code, late, said });
    };
    child.once('error', (error) => {
      process.stdout.write(`${argv[0]}: ${error.message}\n`);
      over(127);
    });
    child.once('close', over);
  });
}

function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has just ended by itself.
  }
}

/** EUnit's last word: "All 57 tests passed.", "Test passed." or "Failed: 1.  Skipped: 0.  Passed: 5." */
function eunitCounts(said) {
  const mixed = /Failed: (\d+)\.\s+Skipped: (\d+)\.\s+Passed: (\d+)\./.exec(said);
  if (mixed) return { passed: Number(mixed[3]), failed: Number(mixed[1]) + Number(mixed[2]) };
  const all = /All (\d+) tests passed\.|(\d+) tests passed\.|(Test passed\.)/.exec(said);
  return { passed: all ? Number(all[1] ?? all[2] ?? 1) : 0, failed: 0 };
}

/** The last "N passed, N failed" that a program printed. */
function printedCounts(said) {
  const last = [...said.matchAll(/(\d+) passed, (\d+) failed/g)].at(-1);
  return { passed: Number(last?.[1] ?? 0), failed: Number(last?.[2] ?? 0) };
}
