import type { Strings } from '../protocol.js';
import type { Entry } from './entries.js';
import type { createMarks } from './marks.js';
import { byId, element } from './page.js';

/** Beside the script; a name that the bundler doesn't follow. */
const MARKS = new URL('marks.js', location.href).href;

const NEAR_END_PX = 60;

export interface LogOptions {
  strings: Strings;
  language: string;
}

export interface Log {
  render(entries: Entry[]): void;
  toEnd(): void;
}

type TextEntry = Extract<Entry, { kind: 'text' }>;

/** One line on the page, and the entry that it shows. */
interface Line {
  node: HTMLElement;
  body: HTMLElement;
  meta: HTMLElement;
  /** Empty, but for what the script for seldom things says of a text that was refused. */
  extra: HTMLElement;
  entry: string;
  text: string;
  unstyled: boolean;
}

/** The list of messages. Lines are kept from one rendering to the next, so a screen reader hears each once. */
export function createLog({ strings, language }: LogOptions): Log {
  const log = byId('log');
  const jump = byId('jump');
  const lines = new Map<string, Line>();
  const hours = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
  const days = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long' });
  let marks: ReturnType<typeof createMarks> | undefined;
  let loading: Promise<unknown> | null = null;
  let atEnd = true;

  function toEnd(): void {
    atEnd = jump.hidden = true;
    log.scrollTop = log.scrollHeight;
  }

  function meta({ edited, at, state }: TextEntry): (Node | string)[] {
    const words = [edited && strings.edited, at && hours.format(at)].filter(Boolean).join(' · ');
    if (!state) return [words];
    const drawing = document.querySelector<HTMLTemplateElement>(`[data-for~=${state}]`);
    const tick = drawing?.content.firstElementChild?.cloneNode(true) as SVGElement;
    tick.classList.add(state);
    return [words, tick, element('span', 'spoken', strings[state])];
  }

  function begin(entry: Entry): Line {
    const node = element('div', entry.kind);
    const body = element('div', 'text');
    const empty = { entry: '', text: '', unstyled: false };
    const line = { node, body, meta: element('div', 'meta'), extra: element('div', 'extra'), ...empty };
    (entry.kind === 'text' ? body : node).dir = 'auto';
    line.meta.ariaLive = 'off'; // its changes aren't read out
    if (entry.kind === 'text') {
      const bubble = element('div', 'bubble');
      bubble.append(body, line.meta);
      node.id = entry.key;
      if (!entry.own) node.append(element('div', 'name', entry.name || strings.somebody));
      node.append(bubble, line.extra);
    }
    return line;
  }

  /** As it was written until the script for marks and links is there; tried again with the next text where it could not be loaded. */
  function show({ body, text, unstyled }: Line): void {
    body.replaceChildren(...(marks ? marks(text, unstyled) : [text]));
    if (!marks && /[*_~`>:]/.test(text))
      loading ??= (import(MARKS) as Promise<{ createMarks: typeof createMarks }>).then(
        (part) => {
          marks = part.createMarks();
          lines.forEach(show);
          if (atEnd) toEnd();
        },
        () => (loading = null),
      );
  }

  function draw(line: Line, entry: Entry): void {
    if (entry.kind !== 'text') {
      line.node.textContent = entry.kind === 'day' ? days.format(entry.at) : entry.text;
      return;
    }
    line.node.className = `message ${entry.own ? 'own' : ''} ${entry.follows ? 'follows' : ''} ${entry.state ?? ''}`;
    const changed = line.text !== entry.text;
    line.text = entry.text;
    line.unstyled = entry.unstyled;
    if (changed) show(line);
    line.meta.replaceChildren(...meta(entry));
    line.extra.textContent = '';
  }

  jump.onclick = toEnd;
  log.onscroll = () => {
    if (!log.clientHeight) return; // the window is closed
    atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
    if (atEnd) jump.hidden = true;
  };
  new ResizeObserver(() => {
    if (atEnd) toEnd();
  }).observe(log);

  return {
    toEnd,
    render(entries) {
      const history = !lines.size;
      log.ariaLive = history ? 'off' : 'polite';
      for (const [key, { node }] of lines) {
        if (entries.some((entry) => entry.key === key)) continue;
        node.remove();
        lines.delete(key);
      }
      let place = log.firstChild;
      for (const entry of entries) {
        const line = lines.get(entry.key) ?? begin(entry);
        const now = JSON.stringify(entry);
        if (line.entry !== now) draw(line, entry);
        if (!lines.has(entry.key)) {
          lines.set(entry.key, line);
          line.node.classList.toggle('fresh', !history);
          if (!atEnd) jump.hidden = false;
        }
        line.entry = now;
        if (place === line.node) place = place.nextSibling;
        else log.insertBefore(line.node, place);
      }
      if (atEnd) toEnd();
    },
  };
}
