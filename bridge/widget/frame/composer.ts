import { byteLength, MAX_MESSAGE_BYTES } from '../core/byte-length.js';
import { fill } from '../core/fill.js';
import type { Strings } from '../protocol.js';
import { byId } from './page.js';

const COUNTER_FROM = MAX_MESSAGE_BYTES * 0.8;

export interface ComposerOptions {
  strings: Strings;
  language: string;
  /** The text may be taken: then the field is to be cleared. */
  onSend(text: string): void;
  /** The text changed. */
  onInput(text: string): void;
}

export interface Composer {
  form: HTMLFormElement;
  field: HTMLTextAreaElement;
  /** Puts a text into the field, before what is there. */
  put(text: string): void;
  clear(): void;
}

/** The field: Enter sends, Shift+Enter breaks the line, and what is too long for one message isn't sent. */
export function createComposer({ strings, language, onSend, onInput }: ComposerOptions): Composer {
  const form = byId<HTMLFormElement>('composer');
  const field = byId<HTMLTextAreaElement>('text');
  const limit = byId('limit');
  const kilobytes = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });

  /** Grows with the text up to the height of the style sheet; says how much room is left once it gets short. */
  function measure(): boolean {
    field.style.height = 'auto';
    if (field.scrollHeight) field.style.height = `${field.scrollHeight + 2}px`;
    const bytes = byteLength(tidy());
    const tooLong = bytes > MAX_MESSAGE_BYTES;
    const sizes = { n: kilobytes.format(bytes / 1024), max: kilobytes.format(MAX_MESSAGE_BYTES / 1024) };
    field.ariaInvalid = String(tooLong);
    form.classList.toggle('too-long', tooLong);
    limit.textContent = bytes < COUNTER_FROM ? '' : fill(tooLong ? strings.tooLong : strings.counter, sizes);
    return !tooLong;
  }

  function tidy(): string {
    return field.value.replace(/^\s*\n/, '').trimEnd();
  }

  function submit(): void {
    const text = tidy();
    if (text.trim() && measure()) onSend(text);
  }

  function clear(): void {
    field.value = '';
    onInput('');
    measure();
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
    field.focus();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return; // 229: Safari's input methods
    event.preventDefault();
    submit();
  });
  field.addEventListener('input', () => {
    measure();
    onInput(field.value);
  });

  return {
    form,
    field,
    clear,
    put(text) {
      field.value = field.value ? `${text}\n${field.value}` : text;
      measure();
      onInput(field.value);
    },
  };
}
