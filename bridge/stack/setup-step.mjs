// How the set-up shows its steps and runs programs. Plain JavaScript: it runs before anything is installed.
import { spawn } from 'node:child_process';

/** What a person must do before it can go on; `exitCode` 69 is sysexits' "unavailable". */
export class SetupError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'SetupError';
    this.exitCode = exitCode;
  }
}

/** Ends what runs at the moment when a person interrupts. */
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of running) child.kill('SIGTERM');
    process.stdout.write('\ninterrupted: start again and it goes on where it was\n');
    process.exitCode = 130;
    setTimeout(() => process.exit(130), 5000).unref();
  });
}

const ALIVE_MS = 5000; // a dot this often tells a person, and a CI that ends silent jobs, that work goes on

/** Shows one step on one line: what it is, a dot now and then, how long it took. `work` may say more with its argument. */
export async function step(title, work) {
  const began = performance.now();
  process.stdout.write(`${title} `);
  const dots = setInterval(() => process.stdout.write('.'), ALIVE_MS);
  try {
    const result = await work((note) => process.stdout.write(`\n  ${note} `));
    process.stdout.write(`${seconds(began)}\n`);
    return result;
  } catch (error) {
    process.stdout.write(`failed ${seconds(began)}\n`);
    throw error;
  } finally {
    clearInterval(dots);
  }
}

function seconds(began) {
  return `(${((performance.now() - began) / 1000).toFixed(1)} s)`;
}

/**
 * Runs a program without input to its end. Resolves with its exit code and all that it printed; `onText` sees that as it
 * comes. A program that isn't there has code 127.
 */
export async function run(command, args, { env = process.env, cwd = process.cwd(), onText = () => undefined } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let said = '';
    const hear = (chunk) => {
      said += chunk;
      onText(String(chunk));
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', (error) => {
      running.delete(child);
      resolve({ code: 127, said: error.message });
    });
    child.once('close', (code) => {
      running.delete(child);
      if (process.exitCode === 130) process.exit(130);
      resolve({ code: code ?? 1, said });
    });
  });
}

/** The last lines of what a program said, indented. */
export function tail(said, lines = 15) {
  return said
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join('\n');
}

/** A hint for the case that a program failed for want of a network; empty when it doesn't look like that. */
export function networkHint(said) {
  const signs =
    /Temporary failure resolving|Could not resolve|Failed to fetch|Unable to connect|Could not connect|Connection (?:timed out|refused)|Network is unreachable|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|CERT_IN_CHAIN|UNABLE_TO_VERIFY/i;
  return signs.test(said) ? '\nThe network, or a proxy on the way, does not answer: check it, then start again.' : '';
}
