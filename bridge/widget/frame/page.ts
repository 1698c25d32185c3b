import type { Strings } from '../protocol.js';

/** The element with this id in frame.html. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** An element with a class and a text. Text goes in as text, never as markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Sets a text only when it changed, so that live regions speak once. */
export function say(id: string, text: string): void {
  const place = byId(id);
  if (place.textContent !== text) place.textContent = text;
}

/** Puts the page's fixed texts where frame.html names them. */
export function label(strings: Strings): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-label]')) {
    place.ariaLabel = strings[place.dataset['label'] as keyof Strings];
    if (place.matches('button')) place.title = place.ariaLabel;
  }
  for (const place of document.querySelectorAll<HTMLElement>('[data-text]')) {
    place.textContent = strings[place.dataset['text'] as keyof Strings];
  }
}

/** Adds rules to the frame's own; its policy lets no element do that. */
export function addStyle(rules: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets.push(sheet);
}
