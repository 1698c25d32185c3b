import type { AdminClient, RosterGroup } from './admin-client.js';

/** The two groups of an instance: `visitors[.<instance>]` and `operators[.<instance>]`. */
const GROUP_NAME = /^(visitors|operators)(\.[a-z0-9.-]+)?$/;

const LABELS = { visitors: 'Website visitors', operators: 'Operators' } as const;

/**
 * Sees to the shared roster groups. Operators see visitors and each other; visitors see operators and not each other: without
 * a display of the operators' group on the visitors' one, operators get the contacts but never their presence.
 */
export class RosterGroups {
  /** By host and instance suffix; kept while the ejabberd that it was checked on stays in reach. */
  readonly #checked = new Map<string, Promise<void>>();

  constructor(
    private readonly admin: Pick<
      AdminClient,
      'getSharedRosterInfo' | 'createSharedRosterGroup' | 'deleteSharedRosterGroup'
    >,
  ) {}

  /** Makes or corrects both groups of each instance (`main` for the default one). */
  async ensure(host: string, instances: readonly string[]): Promise<void> {
    for (const instance of instances) {
      await this.#ensureSuffix(host, instance === 'main' ? '' : `.${instance}`);
    }
  }

  /** The same from the name of one of the groups; another group, or none, is left alone. */
  async ensureFor(host: string, group: string): Promise<void> {
    const found = GROUP_NAME.exec(group);
    if (found) {
      await this.#ensureSuffix(host, found[2] ?? '');
    }
  }

  /** Takes both groups of an instance away. */
  async remove(host: string, instance: string): Promise<void> {
    const suffix = instance === 'main' ? '' : `.${instance}`;
    for (const group of [`visitors${suffix}`, `operators${suffix}`]) {
      if ((await this.admin.getSharedRosterInfo(host, group)) !== null) {
        await this.admin.deleteSharedRosterGroup(host, group);
      }
    }
    this.#checked.delete(`${host} ${suffix}`);
  }

  /** Checks again at the next occasion: after ejabberd was out of reach, its database may be another one. */
  forget(): void {
    this.#checked.clear();
  }

  #ensureSuffix(host: string, suffix: string): Promise<void> {
    const key = `${host} ${suffix}`;
    let check = this.#checked.get(key);
    if (!check) {
      check = this.#check(host, suffix);
      this.#checked.set(key, check);
      check.catch(() => this.#checked.delete(key));
    }
    return check;
  }

  async #check(host: string, suffix: string): Promise<void> {
    const visitors = `visitors${suffix}`;
    const operators = `operators${suffix}`;
    const stored = await this.admin.getSharedRosterInfo(host, visitors);
    // Since 24.06 a group may display only groups that exist, and these two display each other.
    if (stored === null) {
      await this.admin.createSharedRosterGroup(host, visitors, LABELS.visitors, []);
    }
    const other = await this.admin.getSharedRosterInfo(host, operators);
    await this.#make(host, operators, other, { label: LABELS.operators, displays: [visitors, operators] });
    await this.#make(host, visitors, stored, { label: LABELS.visitors, displays: [operators] });
  }

  async #make(host: string, group: string, stored: RosterGroup | null, wanted: RosterGroup): Promise<void> {
    const { label, displays } = wanted;
    const isRight =
      stored?.label === label &&
      stored.displays.length === displays.length &&
      displays.every((name) => stored.displays.includes(name));
    if (!isRight) {
      await this.admin.createSharedRosterGroup(host, group, label, displays);
    }
  }
}
