import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { API_COMMANDS, ejabberdYml } from '../../../bridge/stack/ejabberd-config.js';

const EXAMPLE = fileURLToPath(new URL('../../../config/ejabberd.foyer.yml', import.meta.url));

describe('the example for an existing ejabberd', () => {
  it('permits the bridge the same commands as the private ejabberd, from the same place', async () => {
    const example = parse(await readFile(EXAMPLE, 'utf8'));
    const settings = { hosts: ['example.org'] as const, c2sPort: 5222, httpPort: 5280, apiUser: 'foyer-api' };
    const own = parse(ejabberdYml({ ...settings, logLevel: 'info', modFoyer: undefined }));
    const permitted = example.api_permissions['the bridge of Foyer'];
    expect([...permitted.what].sort()).to.deep.equal([...API_COMMANDS].sort());
    expect(permitted.who).to.deep.equal(own.api_permissions['the bridge'].who);
    expect(example.acl.foyer_api).to.deep.equal(own.acl.foyer_api);
    // An acl with an address would never allow here.
    expect(example.access_rules.configure).to.deep.equal([{ allow: 'foyer_api' }]);
    expect(own.access_rules.configure).to.deep.equal([{ allow: 'foyer_api' }]);
  });

  it('lets nobody in as a visitor from outside, and nobody register a visitor’s account', async () => {
    const { listen, acl, access_rules: rules } = parse(await readFile(EXAMPLE, 'utf8'));
    const [outside, inside] = listen;
    expect([outside.ip, outside.access, inside.ip, inside.access]).to.deep.equal([
      '::',
      'c2s_outside',
      '127.0.0.1',
      'c2s',
    ]);
    for (const rule of ['c2s_outside', 'register']) expect(rules[rule], rule).to.deep.include({ deny: 'visitors' });
    expect('visitor.7.shop').to.match(new RegExp(acl.visitors.user_regexp));
  });

  it('has every module that matters to a conversation set as the private ejabberd has it', async () => {
    const example = parse(await readFile(EXAMPLE, 'utf8')).modules;
    const settings = { hosts: ['example.org'] as const, c2sPort: 5222, httpPort: 5280, apiUser: 'foyer-api' };
    const own = parse(ejabberdYml({ ...settings, logLevel: 'info', modFoyer: undefined })).modules;
    for (const name of ['mod_ping', 'mod_offline', 'mod_vcard']) expect(example[name], name).to.deep.equal(own[name]);
    expect(example).to.include.keys('mod_carboncopy', 'mod_mam', 'mod_shared_roster', 'mod_stream_mgmt', 'mod_foyer');
  });
});
