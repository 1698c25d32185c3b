import { wordOn, type Api } from './api.js';
import { byId, Rows } from './dom.js';
import { banRow } from './other-rows.js';
import type { Ban } from './types.js';

const AT_ONCE = 100;

/** Who may not chat: read when somebody looks, and after each change. */
export class Bans {
  private readonly part = byId<HTMLDetailsElement>('bans-part');
  private readonly word = byId('bans-word');
  private readonly rows: Rows<Ban>;

  constructor(
    private readonly api: () => Api,
    lift: (ban: Ban) => void,
  ) {
    this.rows = new Rows(byId('bans'), byId('bans-none'), (ban) => banRow(ban, lift));
    this.part.addEventListener('toggle', () => void this.read());
  }

  async read(): Promise<void> {
    if (!this.part.open) return;
    const bans: Ban[] = [];
    try {
      for (let more = true; more;) {
        const query = new URLSearchParams({ limit: String(AT_ONCE) });
        const last = bans.at(-1);
        if (last) query.set('before', String(last.id));
        const page = await this.api().call<{ bans: Ban[]; more: boolean }>('GET', `/bans?${query}`);
        bans.push(...page.bans);
        more = page.more && bans.length < 10 * AT_ONCE;
      }
      this.word.textContent = '';
    } catch (error) {
      this.word.textContent = wordOn(error);
    }
    this.rows.show(bans);
  }

  clear(): void {
    this.part.open = false;
    this.word.textContent = '';
    this.rows.show([]);
  }
}
