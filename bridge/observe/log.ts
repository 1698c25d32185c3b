import { pino, type Logger, type DestinationStream } from 'pino';
import { plainMessage } from '../shared/errors.js';
import { escapeControls } from '../shared/text.js';

export type { Logger };

/** One JSON line an event. Bodies of messages, names, tokens and passwords never get here; the redaction is a net below that. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { name: 'foyer' },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    // JSON lets pass what some terminals obey and what some viewers break lines at.
    hooks: { streamWrite: escapeControls },
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: plainError },
    redact: {
      paths: [
        'password',
        '*.password',
        'authorization',
        '*.authorization',
        'headers.authorization',
        'token',
        '*.token',
        'secret',
        '*.secret',
        'body',
        '*.body',
        'text',
        '*.text',
      ],
      censor: '[hidden]',
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Causes below an error that are worth a line. */
const CAUSES = 3;

/**
 * Of an error only what says where it came from. Libraries hang on it what they were doing: MySQL's driver the whole
 * statement with the visitor's words in it, an HTTP client the request with its credentials.
 */
function plainError(error: unknown, causes = CAUSES): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  // The stack begins with the message.
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  const cause = error.cause === undefined || causes === 0 ? {} : { cause: plainError(error.cause, causes - 1) };
  return { type: error.name, ...code, message: plainMessage(error).slice(0, 500), stack: frames.join('\n'), ...cause };
}
