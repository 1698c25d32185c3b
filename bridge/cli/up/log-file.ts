import { open, rename, stat } from 'node:fs/promises';
import { pino, type DestinationStream } from 'pino';

/** A larger log is put aside at the next start, and replaces the one that was put aside before. */
const KEEP_BYTES = 20_000_000;

/** The bridge's log beside the stack's own, so that a terminal shows only what a person needs. */
export async function openLogFile(path: string): Promise<DestinationStream> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > KEEP_BYTES) await rename(path, `${path}.old`);
  // Made for the owner's eyes only, whatever the umask.
  await (await open(path, 'a', 0o600)).close();
  return pino.destination({ dest: path, sync: true });
}
