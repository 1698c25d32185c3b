/** Everything that people wrote goes in as text: nothing here, nor anywhere on the page, reads markup. */

/** The element of the page with this id. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** A new element with a class and a text, or with children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  content: string | readonly Node[] = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  if (typeof content === 'string') made.textContent = content;
  else made.append(...content);
  return made;
}

/** @param label what screen readers say, which hear no neighbours: what the button is about too */
export function button(word: string, label: string, act: () => void): HTMLButtonElement {
  const made = make('button', '', word);
  made.type = 'button';
  made.setAttribute('aria-label', label);
  made.addEventListener('click', act);
  return made;
}

/** Leaves alone what is so already, or screen readers would read it again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A row of a list, that lives as long as what it shows. */
export interface Row<T> {
  element: HTMLElement;
  update: (item: T) => void;
}

/** Rows of a list at a time; each press of its button shows as many more. */
const AT_ONCE = 25;

/** A list whose rows stay the same elements while their items change and move: the keyboard's focus stays where it is. */
export class Rows<T extends { id: number }> {
  private readonly rows = new Map<number, Row<T>>();
  private readonly more = make('button', 'more');
  private limit = AT_ONCE;
  private items: readonly T[] = [];

  /** @param none is shown while there is nothing else */
  constructor(
    private readonly list: HTMLElement,
    private readonly none: HTMLElement | null,
    private readonly build: (item: T) => Row<T>,
  ) {
    this.more.type = 'button';
    this.more.hidden = true;
    this.more.addEventListener('click', () => {
      this.limit += AT_ONCE;
      const first = this.list.children.length;
      this.show(this.items);
      const [next] = this.list.children[first]?.getElementsByTagName('button') ?? [];
      next?.focus();
    });
    list.after(this.more);
  }

  /** From the top again. */
  reset(): void {
    this.limit = AT_ONCE;
  }

  show(items: readonly T[]): void {
    const focused = document.activeElement;
    this.items = items;
    const shown = items.slice(0, this.limit);
    const wanted = new Set(shown.map(({ id }) => id));
    for (const [id, row] of this.rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.rows.delete(id);
    }
    let place = this.list.firstElementChild;
    for (const item of shown) {
      const row = this.rows.get(item.id) ?? this.build(item);
      this.rows.set(item.id, row);
      row.update(item);
      if (row.element === place) place = place.nextElementSibling;
      else this.list.insertBefore(row.element, place);
    }
    if (this.none) this.none.hidden = items.length > 0;
    this.more.hidden = items.length <= this.limit;
    setText(this.more, `Show more: ${items.length - shown.length} are left`);
    if (focused instanceof HTMLElement && focused !== document.activeElement && focused.isConnected) focused.focus();
  }
}
