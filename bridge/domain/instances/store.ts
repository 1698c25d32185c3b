import type { SiteSessionSettings } from '../visitors/site-session.js';
import type { Countable, Desk, Instance, InstanceChange, InstanceState } from './instance.js';

export interface InstanceStore {
  get(id: number): Promise<Instance>;
  byName(name: string): Promise<Instance | undefined>;
  /** Those whose accounts are on this host. */
  onHost(host: string): Promise<Instance[]>;
  /** An account of another instance whose name ends as those of an instance of this name would. */
  accountNamed(name: string): Promise<string | undefined>;
  create(instance: { name: string; displayName: string; host: string }): Promise<Instance>;
  /** As it is now. */
  lockByName(name: string): Promise<Instance | undefined>;
  /** What is absent stays. The instance must be locked. */
  configure(id: number, change: InstanceChange): Promise<void>;
  /** The instance must be locked. `settled` false: there is work to be done for it. */
  setState(id: number, state: InstanceState, settled: boolean): Promise<void>;
  /** How many there are now (of chats begun: within 24 hours), counted up to `most`. */
  count(id: number, what: Countable, most: number): Promise<number>;
  desk(id: number): Promise<Desk | undefined>;
  deskByKey(instanceId: number, key: string): Promise<Desk | undefined>;
  /** Locks the instance. Secrets newest first. */
  lockCallback(id: number): Promise<{ secrets: string[] }>;
  /** By which the site says who its visitors are, newest first; none: it doesn't. */
  identitySecrets(id: number, lock?: 'lock'): Promise<string[]>;
  setIdentitySecrets(id: number, secrets: readonly string[]): Promise<void>;
  /** Null: the site's own sessions aren't read. */
  setSiteSession(id: number, settings: SiteSessionSettings | null): Promise<void>;
  setCallback(id: number, url: string | null, secrets: readonly string[]): Promise<void>;
}
