import { expect } from 'chai';
import type { AccountWithPassword } from '../../../../bridge/domain/accounts/account.js';
import { AdminClient } from '../../../../bridge/outbound/ejabberd/admin-client.js';
import { EjabberdError } from '../../../../bridge/outbound/ejabberd/admin-errors.js';
import { ModFoyerClient } from '../../../../bridge/outbound/ejabberd/mod-foyer-client.js';
import { Provisioner } from '../../../../bridge/outbound/ejabberd/provisioner.js';
import { RosterGroups } from '../../../../bridge/outbound/ejabberd/roster-groups.js';

const silence = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function buildAccount(id: number, overrides: Partial<AccountWithPassword> = {}): AccountWithPassword {
  return {
    ...{ id, instanceId: 1, kind: 'visitor', local: `visitor.${id}`, host: 'h', name: `Anna ${id}` },
    ...{ rosterGroup: 'visitors', pooled: false, state: 'wanted', password: 'p', ...overrides },
  };
}

/** A provisioner on an ejabberd that answers `answer`, or success where that is undefined. */
function buildProvisioner(answer: (command: string, args: Record<string, unknown>) => unknown = () => undefined) {
  const calls: { command: string; args: Record<string, unknown> }[] = [];
  class FakeAdmin extends AdminClient {
    override async call(command: string, args: Record<string, unknown>): Promise<unknown> {
      calls.push({ command, args });
      const given = answer(command, args);
      if (given instanceof Error) {
        throw given;
      }
      return given ?? success(command, args);
    }
  }
  const admin = new FakeAdmin({ url: 'http://127.0.0.1:9', user: 'u@h', password: 'p' });
  const provisioner = new Provisioner({
    admin,
    modFoyer: new ModFoyerClient(admin),
    groups: new RosterGroups(admin),
    log: silence,
    randomPassword: () => 'nobody-knows-it',
    serviceLocal: 'foyer',
  });
  const commands = () => calls.map(({ command }) => command).filter((command) => !command.startsWith('srg_get'));
  return { provisioner, calls, commands };
}

function success(command: string, args: Record<string, unknown>): unknown {
  if (command === 'srg_get_info') {
    const displays = args['group'] === 'operators' ? 'visitors\noperators' : 'operators';
    const label = args['group'] === 'operators' ? 'Operators' : 'Website visitors';
    return [
      { key: 'label', value: label },
      { key: 'displayed_groups', value: displays },
    ];
  }
  if (command === 'foyer_provision') {
    const accounts = args['accounts'] as { user: string }[];
    return accounts.map(({ user }) => ({ user, status: 'created', reason: '' })).reverse();
  }
  return command === 'kick_user' ? { num_resources: 0 } : 0;
}

const missing = new EjabberdError('unknown_command', 'no such command');

describe('the provisioner', () => {
  it('makes visitors together and looks at their roster groups once', async () => {
    const { provisioner, calls } = buildProvisioner();
    await Promise.all(Array.from({ length: 250 }, (_, i) => provisioner.provision(buildAccount(i))));
    const batches = calls
      .filter(({ command }) => command === 'foyer_provision')
      .map(({ args }) => (args['accounts'] as unknown[]).length);
    expect(batches.reduce((sum, size) => sum + size, 0)).to.equal(250);
    expect(Math.max(...batches)).to.equal(100);
    expect(calls.filter(({ command }) => command === 'srg_get_info')).to.have.length(2);
  });

  it('gives mod_foyer names that rosters can hold', async () => {
    const { provisioner, calls } = buildProvisioner();
    await provisioner.provision(buildAccount(1, { name: 'A\u0000\nB\uD800' }));
    const batch = calls.find(({ command }) => command === 'foyer_provision')?.args['accounts'];
    expect(batch).to.deep.equal([{ user: 'visitor.1', password: 'p', name: 'A\uFFFD B\uFFFD', group: 'visitors' }]);
  });

  it('fails for the account that mod_foyer refuses, and for no other', async () => {
    const { provisioner } = buildProvisioner((command) =>
      command === 'foyer_provision'
        ? [
            { user: 'visitor.1', status: 'updated', reason: '' },
            { user: 'visitor.2', status: 'error', reason: 'invalid_password' },
            { user: 'visitor.3', status: 'error', reason: 'db_failure' },
          ]
        : undefined,
    );
    const results = await Promise.allSettled([1, 2, 3, 4].map((id) => provisioner.provision(buildAccount(id))));
    const codes = results.map((one) => (one.status === 'rejected' ? (one.reason as EjabberdError).code : 'fine'));
    expect(codes).to.deep.equal(['fine', 'invalid', 'failed', 'failed']);
  });

  it('uses the standard commands without mod_foyer, names before groups', async () => {
    const { provisioner, commands } = buildProvisioner((command) =>
      command.startsWith('foyer_')
        ? missing
        : command === 'register'
          ? new EjabberdError('conflict', 'exists')
          : undefined,
    );
    await provisioner.provision(buildAccount(1));
    expect(commands()).to.deep.equal([
      'foyer_provision',
      'register',
      'change_password',
      'set_vcard',
      'set_vcard',
      'srg_user_add',
      'foyer_provision',
    ]);
  });

  it('lets none suffer for another whose batch is refused as a whole', async () => {
    const { provisioner } = buildProvisioner((command, args) => {
      const isBad = command === 'foyer_provision' || args['user'] === 'visitor.2';
      return isBad ? new EjabberdError('invalid', 'bad') : undefined;
    });
    const results = await Promise.allSettled([1, 2, 3].map((id) => provisioner.provision(buildAccount(id))));
    expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('makes operators and the service account one by one, the latter in no group, and has each kept on disk', async () => {
    const { provisioner, commands } = buildProvisioner();
    await provisioner.provision(buildAccount(1, { kind: 'operator', local: 'olga', rosterGroup: 'operators' }));
    await provisioner.provision(buildAccount(2, { kind: 'service', local: 'foyer', rosterGroup: '' }));
    expect(commands()).to.deep.equal([
      'register',
      'set_vcard',
      'set_vcard',
      'srg_user_add',
      'foyer_provision',
      'register',
      'set_vcard',
      'set_vcard',
      'foyer_provision',
    ]);
  });

  it('removes with the standard commands without mod_foyer, roster entry first', async () => {
    const { provisioner, commands } = buildProvisioner((command) =>
      command.startsWith('foyer_') ? missing : undefined,
    );
    await provisioner.remove(buildAccount(1));
    expect(commands()).to.deep.equal(['foyer_unprovision', 'kick_user', 'srg_user_del', 'unregister']);
  });

  it('looks at the roster groups again after ejabberd was away', async () => {
    let away = false;
    const { provisioner, calls } = buildProvisioner((command) =>
      command === 'foyer_provision' && away ? new EjabberdError('unreachable', 'away') : undefined,
    );
    await provisioner.provision(buildAccount(1));
    away = true;
    await provisioner.provision(buildAccount(2)).catch(() => undefined);
    away = false;
    await provisioner.provision(buildAccount(3));
    expect(calls.filter(({ command }) => command === 'srg_get_info')).to.have.length(4);
  });

  it('makes the groups of an instance show each other, where only groups that exist may be shown', async () => {
    const made = new Map<unknown, string[]>();
    const { provisioner, calls } = buildProvisioner((command, args) => {
      if (command === 'status') return 'ejabberd 26.7.0 is running in that node';
      if (command === 'srg_get_info') {
        const displays = made.get(args['group']);
        return displays ? [{ key: 'displayed_groups', value: displays.join('\n, \n') }] : [];
      }
      if (command !== 'srg_create') return undefined;
      const displays = args['display'] as string[];
      if (displays.some((name) => name !== args['group'] && !made.has(name))) return 1;
      made.set(args['group'], displays);
      return 0;
    });
    await provisioner.provision(buildAccount(1, { rosterGroup: 'visitors.shop' }));
    const created = calls
      .filter(({ command }) => command === 'srg_create')
      .map(({ args }) => [args['group'], args['display']]);
    expect(created).to.deep.equal([
      ['visitors.shop', []],
      ['operators.shop', ['visitors.shop', 'operators.shop']],
      ['visitors.shop', ['operators.shop']],
    ]);
  });
});
