import { styledNodes } from '../text/styled.js';
import { addStyle } from './page.js';

const STYLE = `
.text a { unicode-bidi: isolate }
.text :is(pre, blockquote) { margin: 4px 0 }
.text blockquote { padding-inline-start: 10px; border-inline-start: 3px solid currentColor }
.text :is(pre, code) { font: .92em ui-monospace, monospace }
.text pre { overflow-x: auto; direction: ltr; text-align: start }`;

/** What comes when a text has links or marks, in a script of its own. */
export function createMarks(): typeof styledNodes {
  addStyle(STYLE);
  return styledNodes;
}
