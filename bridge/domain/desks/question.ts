import { FoyerError } from '../../shared/errors.js';
import { cleanLine, cleanText, cut } from '../../shared/text.js';
import type { Visitor, VisitorDetails } from '../visitors/visitor.js';
import type { ByLanguage } from './widget-settings.js';

/** `topic` is a choice that may name the department; `consent` is a box to be ticked. */
export const QUESTION_KINDS = ['name', 'email', 'topic', 'text', 'long_text', 'choice', 'consent'] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

/** Asked before a chat. */
export interface Question {
  /** Of its own in the desk: what the answer is called in metadata, rules and the API. */
  readonly key: string;
  readonly kind: QuestionKind;
  readonly label: string;
  readonly translations: ByLanguage<string>;
  readonly required: boolean;
  /** Also where the record has an answer already. */
  readonly everyChat: boolean;
  /** UTF-16 units. */
  readonly maxLength: number;
  /** Of the kinds `topic` and `choice`. */
  readonly choices: readonly Choice[];
}

export interface Choice {
  /** What the record and operators have. */
  readonly value: string;
  readonly label: string;
  readonly translations: ByLanguage<string>;
  /** That answers, where no routing rule decides otherwise. */
  readonly departmentId: number | null;
}

/** As a page sends them, by the questions' keys. */
export type GivenAnswers = Readonly<Record<string, string | boolean>>;

/** As the record has it: the question in the desk's words of that time. */
export interface Answer {
  key: string;
  label: string;
  value: string;
}

/** What was answered before a chat, and what it says of the visitor and of the chat. */
export interface Answered {
  answers: Answer[];
  details: Pick<VisitorDetails, 'nick' | 'email' | 'custom'>;
  /** That the topic stands for. */
  departmentId: number | null;
}

const SAID = {
  required: 'must be answered',
  too_long: 'is too long',
  wrong_type: 'is of the wrong type',
  not_an_email: 'must be an e-mail address',
  not_a_choice: 'must be one of the choices',
  unknown: 'isn’t asked here',
};
export type AnswerProblem = keyof typeof SAID;
export const ANSWER_PROBLEMS = Object.keys(SAID) as AnswerProblem[];

const EMAIL = /^[^\s@<>()[\]\\,;:"]{1,64}@([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$/i;

/** Those whose answer the record hasn't got, and those that are asked each time. */
export function openQuestions(questions: readonly Question[], visitor: Visitor): Question[] {
  return questions.filter((question) => question.everyChat || known(question, visitor) === null);
}

function known({ key, kind }: Question, { nick, email, custom }: Visitor): string | null {
  if (kind === 'name') return nick;
  if (kind === 'email') return email;
  return Object.hasOwn(custom, key) ? (custom[key] ?? null) : null;
}

/** @throws FoyerError `answers_refused`, whose `details.issues` name each question and what is wrong with its answer */
export function checkAnswers(questions: readonly Question[], visitor: Visitor, given: GivenAnswers): Answered {
  const issues: { in: 'body'; path: string; message: string; problem: AnswerProblem }[] = [];
  const refuse = (key: string, problem: AnswerProblem): void =>
    void issues.push({ in: 'body', path: `answers.${key}`, message: SAID[problem], problem });
  const unknown = Object.keys(given).filter((key) => !questions.some((question) => question.key === key));
  for (const key of unknown) refuse(key, 'unknown');
  const answered: Answered = { answers: [], details: {}, departmentId: null };
  const open = new Set(openQuestions(questions, visitor));
  for (const question of questions) {
    const { key, label, kind } = question;
    const value = valueOf(question, Object.hasOwn(given, key) ? given[key] : undefined);
    if ('problem' in value) {
      if (value.problem !== 'required' || (question.required && open.has(question))) refuse(key, value.problem);
      continue;
    }
    answered.answers.push({ key, label, value: value.text });
    if (kind === 'name') answered.details.nick = value.text;
    else if (kind === 'email') answered.details.email = value.text;
    else answered.details.custom = { ...(answered.details.custom ?? visitor.custom), [key]: value.text };
    if (kind === 'topic') answered.departmentId = departmentOf(question, value.text);
  }
  if (issues.length > 0)
    throw new FoyerError('answers_refused', 'The questions of this desk aren’t answered as they must be.', { issues });
  return answered;
}

/** `required`: there is no answer. */
function valueOf(
  { kind, maxLength, choices }: Question,
  given: unknown,
): { text: string } | { problem: AnswerProblem } {
  if (given === undefined) return { problem: 'required' };
  if (kind === 'consent') {
    if (typeof given !== 'boolean') return { problem: 'wrong_type' };
    return given ? { text: 'yes' } : { problem: 'required' };
  }
  if (typeof given !== 'string') return { problem: 'wrong_type' };
  const text = kind === 'long_text' ? cleanText(given).trim() : cleanLine(given);
  if (text === '') return { problem: 'required' };
  if (text.length > maxLength) return { problem: 'too_long' };
  if (kind === 'email' && !EMAIL.test(text)) return { problem: 'not_an_email' };
  const listed = choices.some(({ value }) => value === text);
  return (kind === 'topic' || kind === 'choice') && !listed ? { problem: 'not_a_choice' } : { text };
}

function departmentOf({ choices }: Question, value: string): number | null {
  return choices.find((choice) => choice.value === value)?.departmentId ?? null;
}

const SHOWN_LENGTH = 300;

/** A line for each answer, as an operator reads them beside a chat. */
export function answerLines(answers: readonly Answer[]): string[] {
  return answers.map(({ label, value }) => `${label}: ${shorten(value.replaceAll('\n', ' '))}`);
}

function shorten(text: string): string {
  return text.length <= SHOWN_LENGTH ? text : `${cut(text, SHOWN_LENGTH)}…`;
}
