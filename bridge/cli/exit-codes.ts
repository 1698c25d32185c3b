/** Exit codes as in sysexits.h, so that scripts and supervisors can tell one failure from another. */
export const EXIT = {
  ok: 0,
  /** The command ran, and what it was asked to do or to check failed. */
  failed: 1,
  /** The command line can't be understood. */
  usage: 64,
  /** The database, ejabberd or the bridge can't be reached. */
  unavailable: 69,
  /** Start it again: another try is likely to work. */
  again: 75,
  /** The configuration can't be used. */
  config: 78,
  /** Ended by a second Ctrl-C, as shells report SIGINT. */
  interrupted: 130,
} as const;

/** Ends a command with one line for the person who ran it. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    readonly exitCode: number = EXIT.failed,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The command line can't be understood; the command's usage is shown with it. */
export class UsageError extends CliError {
  constructor(message: string) {
    super(message, EXIT.usage);
  }
}
