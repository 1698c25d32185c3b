import { stringify } from 'yaml';
import { PLAIN_WIDGET } from '../domain/desks/widget-settings.js';
import { changeDesk, createDesk } from '../domain/instances/desks.js';
import { toWidgetSettings } from '../inbound/helpdesk-api/desk-shape.js';
import { presentDesk } from '../inbound/helpdesk-api/present-desk.js';
import { deskKey } from '../inbound/visitor-api/inputs.js';
import { createHelpdeskReads } from '../storage/helpdesk-reads.js';
import { command, INSTANCE, JSON_OUT } from './command.js';
import { FIELDS, FILES, given, textsOf, widgetFields } from './desk-fields.js';
import { CliError, UsageError } from './exit-codes.js';
import { say } from './io.js';
import { printItems, printJson } from './output.js';
import { parsed } from './parse.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

export const deskAdd = command({
  name: 'desk add',
  summary: 'Makes a desk: where the chats of a website come in. Its key goes into the page as data-desk.',
  details: FILES,
  args: ['KEY'],
  options: FIELDS,
  run: (call) =>
    withCore(call, async (core) => {
      const key = parsed('KEY', deskKey, call.args[0]);
      const instance = await instanceOf(core, call.values.instance);
      const {
        departmentId,
        allowedOrigins = [],
        name = key,
        state = 'active',
        askRating = false,
        preview = false,
        who = 'everybody',
        memberGroups = [],
        keepGuestChat = true,
        pool = null,
        redirectTo = 'same_site',
        redirectHow = 'ask',
        followUp = null,
        mailTo = null,
      } = await given(core, instance, call.values);
      if (departmentId === undefined) throw new UsageError('--department is missing');
      const widget = toWidgetSettings(PLAIN_WIDGET, widgetFields(call.io, call.values));
      await core.transactions.alone(async (tx) => {
        const texts = textsOf({}, call.values);
        const desk = await createDesk(tx, {
          ...{ instanceId: instance.id, key, name, state, departmentId, allowedOrigins },
          ...{
            askRating,
            preview,
            who,
            memberGroups,
            keepGuestChat,
            pool,
            redirectTo,
            redirectHow,
            followUp,
            mailTo,
            texts,
            widget,
          },
        });
        tx.audit.add({
          ...{ instanceId: instance.id, actor: CLI_ACTOR, action: 'desk.create' },
          ...{ subject: `desk:${desk.id}`, details: { key, allowedOrigins } },
        });
      });
      say(call.io, `Desk ${key} is there.`);
      if (allowedOrigins.length === 0)
        say(call.io, `No site may use it yet: foyer desk set ${key} --origin https://your.site`);
    }),
});

export const deskSet = command({
  name: 'desk set',
  summary: 'Changes a desk; what isn’t named stays. Pages see it within seconds.',
  details: FILES,
  args: ['KEY'],
  options: FIELDS,
  run: (call) =>
    withCore(call, async (core) => {
      const [key = ''] = call.args;
      const instance = await instanceOf(core, call.values.instance);
      const [before] = (await createHelpdeskReads(core.pool, core.box).desks(instance.id)).filter(
        (desk) => desk.key === key,
      );
      const change = await given(core, instance, call.values, before?.pool);
      const fields = widgetFields(call.io, call.values);
      await core.transactions.alone(async (tx) => {
        const found = await tx.instances.deskByKey(instance.id, key);
        const desk = found && (await tx.desks.lock(instance.id, found.id));
        if (!desk) throw new CliError(`there is no desk “${key}”`);
        await changeDesk(tx, desk, {
          ...change,
          texts: textsOf(desk.texts, call.values),
          widget: toWidgetSettings(desk.widget, fields),
        });
        tx.audit.add({
          instanceId: instance.id,
          actor: CLI_ACTOR,
          action: 'desk.change',
          subject: `desk:${desk.id}`,
          details: { ...change, ...fields },
        });
      });
      say(call.io, `Desk ${key} is changed.`);
    }),
});

export const deskList = command({
  name: 'desk list',
  summary: 'Lists the desks.',
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.values.instance);
      const reads = createHelpdeskReads(core.pool, core.box);
      const names = new Map((await reads.departments(id)).map(({ department }) => [department.id, department.name]));
      const items = (await reads.desks(id)).map((desk) => ({
        ...{
          key: desk.key,
          name: desk.name,
          state: desk.state,
          department: names.get(desk.departmentId) ?? null,
          origins: desk.allowedOrigins,
          ...{ rating: desk.askRating, preview: desk.preview, who: desk.who },
          pool: desk.pool?.size ?? null,
          follow_up: desk.followUp,
          mail_to: desk.mailTo,
        },
      }));
      const empty = 'No desk yet: foyer desk add KEY --department NAME --origin https://your.site';
      printItems(call.io, items, { json: call.values.json, empty });
    }),
});

export const deskShow = command({
  name: 'desk show',
  summary: 'Shows all that is set at a desk, as the API has it.',
  args: ['KEY'],
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const [key = ''] = call.args;
      const { id } = await instanceOf(core, call.values.instance);
      const desk = (await createHelpdeskReads(core.pool, core.box).desks(id)).find((one) => one.key === key);
      if (!desk) throw new CliError(`there is no desk “${key}”`);
      if (call.values.json === true) return printJson(call.io, presentDesk(desk));
      say(call.io, stringify(presentDesk(desk)).trimEnd());
    }),
});
