import { FoyerError, type ErrorCode } from '../../shared/errors.js';
import { say, type Text } from '../texts/say.js';

/** What somebody who supervises can't do: the text says so to the operator, the code to a program. */
export class SupervisionError extends FoyerError {
  constructor(
    code: Extract<
      ErrorCode,
      'not_supervisor' | 'chat_closed' | 'chat_taken' | 'conflict' | 'invalid_request' | 'message_too_long'
    >,
    readonly text: Text,
  ) {
    super(code, say('en', text));
  }
}
