import { readFile } from 'node:fs/promises';

/** Ticks of /proc a second, on every Linux that Node runs on. */
const TICKS = 100;

/** What a process has used of the processors so far, in user and system mode. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
