import { linkify } from './linkify.js';
import { readStyling, type Styled } from './styling.js';

/**
 * Nodes that show what somebody wrote, with its marks (XEP-0393) and links. Every letter goes in as text.
 * @param unstyled the writer wants no marks read; links are links all the same
 */
export function styledNodes(text: string, unstyled: boolean): (Node | string)[] {
  return toNodes(unstyled ? linkify(text) : readStyling(text));
}

function toNodes(parts: readonly Styled[]): (Node | string)[] {
  return parts.flatMap((part): (Node | string)[] => {
    if (typeof part === 'string') return [part];
    if ('tag' in part) {
      const made = document.createElement(part.tag);
      made.append(...toNodes(part.children));
      return [made];
    }
    if (!part.href) return [part.text];
    const link = document.createElement('a');
    link.textContent = part.text;
    link.href = part.href;
    link.rel = 'noopener noreferrer nofollow';
    link.target = '_blank';
    return part.host ? [link, ` (${part.host})`] : [link];
  });
}
