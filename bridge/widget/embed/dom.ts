const SVG = 'http://www.w3.org/2000/svg';

/** An element with a class and attributes. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Record<string, string> = {},
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  for (const name in attributes) made.setAttribute(name, attributes[name] ?? '');
  return made;
}

/** A line drawing on a 24 × 24 grid, hidden from screen readers. */
export function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const line = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

/** Puts the style first in the head, so that the site's own rules win. Carries the script's nonce for sites with a policy. */
export function addStyle(css: string, nonce: string): void {
  const style = element('style', '');
  style.nonce = nonce;
  style.textContent = css;
  document.head.prepend(style);
  if (style.sheet?.cssRules.length) return;
  const sheet = new CSSStyleSheet(); // a policy that forbids style elements doesn't forbid this
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet, ...document.adoptedStyleSheets];
}
