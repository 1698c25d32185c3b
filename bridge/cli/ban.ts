import { banNetwork, banVisitor, liftBan, parseTerm, REASON_LENGTH } from '../domain/bans/ban.js';
import { networkField } from '../inbound/helpdesk-api/bans.js';
import { externalId } from '../inbound/helpdesk-api/inputs.js';
import { findOrMakeVisitor } from '../inbound/helpdesk-api/own.js';
import { line } from '../inbound/visitor-api/inputs.js';
import { createHelpdeskReads } from '../storage/helpdesk-reads.js';
import { command, INSTANCE, JSON_OUT } from './command.js';
import { CliError, UsageError } from './exit-codes.js';
import { say } from './io.js';
import { printItems } from './output.js';
import { count, parsed } from './parse.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

const SHOWN_AT_MOST = 1_000;

export const banAdd = command({
  name: 'ban add',
  summary: 'Keeps a visitor, or a range of addresses, from chatting; the visitor’s open chat is closed.',
  options: {
    visitor: { type: 'string', value: 'ID', text: 'Foyer’s own id of the visitor; its last address is banned too' },
    'external-id': { type: 'string', value: 'ID', text: 'the helpdesk’s own id of the visitor' },
    network: { type: 'string', value: 'RANGE', text: 'an address or a range of them: 203.0.113.0/24' },
    desk: { type: 'string', value: 'KEY', text: 'only at this desk; default: all' },
    for: { type: 'string', value: 'TERM', text: '30m, 2h, 7d, 2w or forever; default: forever' },
    reason: { type: 'string', value: 'TEXT', text: 'why; the visitor never sees it' },
    instance: INSTANCE,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { values } = call;
      const named = [values.visitor, values['external-id'], values.network].filter((one) => one !== undefined);
      if (named.length !== 1) throw new UsageError('name one of --visitor, --external-id and --network');
      const seconds = parseTerm(values.for ?? 'forever');
      if (seconds === undefined) throw new UsageError('--for: must be a term such as 30m, 2h, 7d, 2w, or forever');
      const reason = parsed('--reason', line(REASON_LENGTH), values.reason ?? '');
      const network = values.network === undefined ? undefined : parsed('--network', networkField, values.network);
      const known = values.visitor === undefined ? undefined : count('--visitor', values.visitor);
      const external = parsed('--external-id', externalId.optional(), values['external-id']);
      const { id: instanceId } = await instanceOf(core, values.instance);
      const ban = await core.transactions.alone(async (tx) => {
        const desk = values.desk === undefined ? undefined : await tx.instances.deskByKey(instanceId, values.desk);
        if (values.desk !== undefined && !desk) throw new CliError(`there is no desk “${values.desk}”`);
        const given = { deskId: desk?.id ?? null, seconds, reason, actor: CLI_ACTOR };
        if (network !== undefined) return banNetwork(tx, instanceId, network, given);
        const visitor =
          external === undefined
            ? await tx.visitors.lock(known as number)
            : await findOrMakeVisitor(tx, instanceId, external, null);
        if (visitor?.instanceId !== instanceId) throw new CliError(`there is no visitor ${known}`);
        return banVisitor(tx, visitor, { ...given, by: 'helpdesk' });
      });
      say(
        call.io,
        `Ban ${ban.id} holds ${ban.expiresAt === null ? 'for good' : `until ${ban.expiresAt.toISOString()}`}.`,
      );
    }),
});

export const banRemove = command({
  name: 'ban remove',
  summary: 'Lifts a ban.',
  args: ['ID'],
  options: { instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const id = count('ID', call.args[0] ?? '');
      const instance = await instanceOf(core, call.values.instance);
      await core.transactions.alone((tx) => liftBan(tx, instance.id, id, CLI_ACTOR));
      say(call.io, `Ban ${id} is lifted.`);
    }),
});

export const banList = command({
  name: 'ban list',
  summary: 'Lists the bans that hold, newest first.',
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const { id: instanceId } = await instanceOf(core, call.values.instance);
      const reads = createHelpdeskReads(core.pool, core.box);
      const desks = new Map((await reads.desks(instanceId)).map(({ id, key }) => [id, key]));
      const bans = await reads.bans(instanceId, { limit: SHOWN_AT_MOST });
      const items = bans.map(({ id, visitorId, address, network, deskId, expiresAt, actor, reason }) => ({
        ...{ id, visitor: visitorId, address: address !== null, network },
        desk: deskId === null ? null : (desks.get(deskId) ?? null),
        ...{ until: expiresAt, by: actor, reason },
      }));
      printItems(call.io, items, { json: call.values.json, empty: 'Nobody is banned.' });
    }),
});
