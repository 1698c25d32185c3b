import type { Text, TextKey } from '../texts/say.js';
import type { Call } from './command.js';

/** What stands behind a command's word, as data: a field of its form, and of the API. */
export type Argument = {
  /** Unique within its command; part of the API. */
  readonly name: string;
  readonly label: TextKey;
  readonly required: boolean;
} & (
  | {
      /** One line, or a text of several. */
      readonly type: 'line' | 'text';
      /** Characters. */
      readonly longest: number;
    }
  | {
      /** One of the options; or the number of a chat, of which the options are those that are meant most often. */
      readonly type: 'choice' | 'chat';
      /** What there is to choose now. */
      readonly options: (asker: Asker) => Promise<readonly Option[]>;
      /** What is said where that is nothing. */
      readonly none: TextKey;
    }
);

/** Whom the options are for. */
export type Asker = Pick<Call, 'tx' | 'operator' | 'manager' | 'supervisor' | 'registry' | 'limits'>;

export interface Option {
  /** As it can be typed. */
  readonly value: string;
  readonly label: string | Text;
}
