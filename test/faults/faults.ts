import type { Manner } from './support/helpdesk.js';
import { LINKS, type LinkName, type Part, type World } from './support/world.js';

/** Something that goes wrong, and is right again when `happen` has resolved. */
export interface Fault {
  name: string;
  /** @param seconds how long it lasts, where that can be chosen */
  happen(world: World, seconds: number): Promise<void>;
}

const PARTS: readonly Part[] = ['bridge', 'ejabberd', 'mariadb'];
const MANNERS: readonly Exclude<Manner, 'well'>[] = ['slow', 'fails', 'gone', 'redirects', 'truncates', 'silent'];

/** Every fault that there is, each under its name. */
export const FAULTS: readonly Fault[] = [
  ...PARTS.map((part) => ({ name: `kill ${part}`, happen: (world: World) => world.kill(part) })),
  ...PARTS.map((part) => ({
    name: `stop ${part}`,
    happen: (world: World, seconds: number) => stop(world, part, seconds),
  })),
  { name: 'restart bridge', happen: (world) => world.restartBridge('SIGTERM') },
  { name: 'helpdesk down', happen: (world, seconds) => cut(world, 'callbacks', seconds) },
  ...MANNERS.map((manner) => ({
    name: `helpdesk ${manner}`,
    happen: (world: World, seconds: number) => misbehave(world, manner, seconds),
  })),
  ...LINKS.map((link) => ({
    name: `cut ${link}`,
    happen: (world: World, seconds: number) => cut(world, link, seconds),
  })),
  ...LINKS.map((link) => ({
    name: `stall ${link}`,
    happen: (world: World, seconds: number) => stall(world, link, seconds),
  })),
  ...(['pages', 'operators'] as const).map((link) => ({
    name: `reconnect ${link}`,
    happen: async (world: World) => world.links[link].drop(),
  })),
];

/** One of each kind that tells the most. */
export const SHORT: readonly string[] = [
  ...['kill bridge', 'kill ejabberd', 'kill mariadb', 'stop bridge', 'stop ejabberd', 'stop mariadb', 'restart bridge'],
  ...['helpdesk fails', 'helpdesk gone', 'helpdesk truncates', 'helpdesk silent'],
  ...['cut hooks', 'cut sessions', 'cut database', 'cut operators', 'stall sessions', 'stall pages', 'reconnect pages'],
];

/** SIGSTOP: the process is there and does nothing. */
async function stop(world: World, part: Part, seconds: number): Promise<void> {
  const pid = world.pidOf(part);
  process.kill(pid, 'SIGSTOP');
  await lasting(seconds);
  process.kill(pid, 'SIGCONT');
}

async function cut(world: World, name: LinkName, seconds: number): Promise<void> {
  world.links[name].cut();
  await lasting(seconds);
  world.links[name].mend();
}

async function stall(world: World, name: LinkName, seconds: number): Promise<void> {
  world.links[name].stall();
  await lasting(seconds);
  world.links[name].mend();
}

async function misbehave({ helpdesk }: World, manner: Manner, seconds: number): Promise<void> {
  helpdesk.manner = manner;
  await lasting(seconds);
  helpdesk.manner = 'well';
}

/** The fault's own length: here time is what is wanted, not a condition. */
function lasting(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
