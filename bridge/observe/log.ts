import { pino, type Logger, type DestinationStream } from 'pino';
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
