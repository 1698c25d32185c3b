import { z } from 'zod';
import type { Asker } from '../../domain/commands/argument.js';
import { typedFrom } from '../../domain/commands/command-form.js';
import type { Command } from '../../domain/commands/command.js';
import { parseCommand } from '../../domain/commands/parse-command.js';
import { answerCommand, rightsOf } from '../../domain/commands/run-command.js';
import type { Operator } from '../../domain/operators/operator.js';
import { say } from '../../domain/texts/say.js';
import { FoyerError } from '../../shared/errors.js';
import { cleanText } from '../../shared/text.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { once } from './idempotency.js';
import { idParam } from './inputs.js';
import { activeOperator, actorOf, keyOf } from './own.js';

/** Characters of a line, or of one argument. */
const LONGEST = 20_000;

const argumentShape = z.object({
  name: z.string(),
  label: z.string(),
  type: z.enum(['chat', 'choice', 'line', 'text']).meta({
    description: 'The number of a chat, one of a list, one line, or a text of several lines.',
  }),
  required: z.boolean(),
});

const commandShape = z
  .object({
    word: z.string(),
    aliases: z.array(z.string()),
    usage: z.string().meta({ description: 'As it is typed.' }),
    help: z.string().meta({ description: 'One sentence, in the operator’s language.' }),
    managers: z.boolean().meta({ description: 'For managers alone.' }),
    arguments: z.array(argumentShape),
  })
  .meta({ id: 'OperatorCommand' });

const text = z.string().min(1).max(LONGEST);

export function listCommandsRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/operators/:id/commands',
    operationId: 'listOperatorCommands',
    summary: 'What an operator can type to Foyer',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    params: idParam,
    refusals: ['not_found'],
    answers: {
      200: {
        description: 'The commands that this operator may use.',
        schema: z.object({ commands: z.array(commandShape) }),
      },
    },
    handle: async (request) => {
      const key = keyOf(request);
      const commands = await deps.transactions.alone(async (tx) => {
        const operator = await activeOperator(tx, key, request.params.id);
        const usable = deps.commands.of(await rightsOf(tx, operator));
        return usable.map((command) => presentCommand(command, operator));
      });
      return { status: 200, body: { commands } };
    },
  });
}

export function runCommandRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/operators/:id/commands',
    operationId: 'runOperatorCommand',
    summary: 'Do what an operator would have typed to the service account',
    tag: 'operators',
    auth: { kind: 'key', scope: 'operators' },
    params: idParam,
    idempotencyKey: true,
    body: z
      .strictObject({
        line: text.optional().meta({ description: 'As it is typed: `!accept 3`.' }),
        command: z.string().min(1).max(40).optional().meta({ description: 'The word alone, in place of a line.' }),
        arguments: z
          .record(z.string().max(40), z.union([text, z.int().nonnegative()]))
          .optional()
          .meta({ description: 'With `command`: by the names that the list of commands has.' }),
      })
      .refine(({ line, command }) => (line === undefined) !== (command === undefined), {
        message: 'line or command',
        path: ['line'],
      })
      .refine((body) => body.line === undefined || body.arguments === undefined, {
        message: 'only with command',
        path: ['arguments'],
      }),
    refusals: ['not_found'],
    answers: {
      200: {
        description: 'What the operator would have been told, in its language.',
        schema: z.object({
          command: z.string().meta({ description: 'The word without its mark.' }),
          outcome: z.enum(['done', 'refused']),
          text: z.string(),
        }),
      },
    },
    handle: async (request) => {
      const { body, params } = request;
      const key = keyOf(request);
      return once(deps.transactions, request, async (tx) => {
        const operator = await activeOperator(tx, key, params.id);
        const asker = {
          tx,
          operator,
          ...(await rightsOf(tx, operator)),
          registry: deps.commands,
          limits: deps.chatLimits,
        };
        const { word, rest } =
          body.line === undefined
            ? await fromArguments(asker, body.command as string, body.arguments ?? {})
            : fromLine(body.line);
        const texts = await answerCommand(asker, { word, rest });
        tx.audit.add({
          instanceId: key.instanceId,
          actor: actorOf(key),
          action: 'operator.command',
          subject: `operator:${operator.id}`,
          details: { command: word },
        });
        const answer = texts.map((one) => say(operator.language, one)).join('\n');
        const refused = texts.some(({ tone }) => tone === 'error');
        return { status: 200, body: { command: word, outcome: refused ? 'refused' : 'done', text: answer } };
      });
    },
  });
}

function fromLine(line: string): { word: string; rest: string } {
  const typed = parseCommand(cleanText(line));
  if (typed.kind !== 'command') throw new FoyerError('invalid_request', 'line: must be a command such as !accept 3.');
  return typed;
}

async function fromArguments(
  asker: Asker,
  word: string,
  given: Record<string, string | number>,
): Promise<{ word: string; rest: string }> {
  const command = asker.registry.of(asker).find((one) => one.word === word);
  if (!command) throw new FoyerError('not_found', 'There is no such command for this operator.');
  const values = new Map(Object.entries(given).map(([name, value]) => [name, cleanText(String(value))]));
  return { word, rest: await typedFrom(asker, command, values) };
}

function presentCommand(command: Command, { language }: Operator): z.infer<typeof commandShape> {
  const { word, aliases = [], usage, who, args = [] } = command;
  const line = [`!${word}`, ...(usage === undefined ? [] : [usage])].join(' ');
  return {
    ...{ word, aliases: [...aliases], usage: line, managers: who === 'managers' },
    help: say(language, { key: command.help, values: { command: word } }),
    arguments: args.map(({ name, label, type, required }) => ({
      ...{ name, type, required },
      label: say(language, { key: label }),
    })),
  };
}
