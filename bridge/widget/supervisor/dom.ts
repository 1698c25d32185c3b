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

/** Leaves alone what is so already, or screen readers would read it again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A row of a list, that lives as long as what it shows. */
export interface Row<T> {
  element: HTMLElement;
  update: (item: T) => void;
}

/** A list whose rows stay the same elements while their items change and move: the keyboard's focus stays where it is. */
export class Rows<T extends { id: number }> {
  private readonly rows = new Map<number, Row<T>>();

  constructor(
    private readonly list: HTMLElement,
    private readonly none: HTMLElement | null,
    private readonly build: (item: T) => Row<T>,
  ) {}

  show(items: readonly T[]): void {
    const focused = document.activeElement;
    const wanted = new Set(items.map(({ id }) => id));
    for (const [id, row] of this.rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.rows.delete(id);
    }
    let place = this.list.firstElementChild;
    for (const item of items) {
      const row = this.rows.get(item.id) ?? this.build(item);
      this.rows.set(item.id, row);
      row.update(item);
      if (row.element === place) place = place.nextElementSibling;
      else this.list.insertBefore(row.element, place);
    }
    if (this.none) this.none.hidden = items.length > 0;
    if (focused instanceof HTMLElement && focused !== document.activeElement && focused.isConnected) focused.focus();
  }
}
