import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigError, loadConfig, settingNames } from '../../../bridge/config/load.js';
import { MESSAGES_A_CALL } from '../../../bridge/inbound/visitor-api/inputs.js';

const REQUIRED = {
  FOYER_DATABASE_PASSWORD: 'pw',
  FOYER_EJABBERD_HOST: 'example.org',
  FOYER_EJABBERD_API_URL: 'http://127.0.0.1:5280/api',
  FOYER_EJABBERD_API_USER: 'foyer-api@example.org',
  FOYER_EJABBERD_API_PASSWORD: 'api-pw',
  FOYER_HOOKS_SECRETS: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  FOYER_SECRETS_ACCOUNT_KEY: Buffer.alloc(32, 1).toString('base64'),
};

describe('the configuration', () => {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-config-'));
  after(() => rmSync(dir, { recursive: true }));
  const file = (name: string, content: string) => {
    writeFileSync(join(dir, name), content);
    return join(dir, name);
  };
  const faults = (path: string | undefined, environment: NodeJS.ProcessEnv): readonly string[] => {
    try {
      loadConfig(path, environment);
    } catch (error) {
      if (error instanceof ConfigError) return error.faults;
      throw error;
    }
    return [];
  };

  it('comes from the environment alone, with defaults for the rest', () => {
    const settings = loadConfig(undefined, REQUIRED);
    expect(settings.http).to.deep.include({ host: '127.0.0.1', port: 8080, trusted_proxies: [] });
    expect(settings.process.roles).to.deep.equal(['http', 'deliver', 'cron']);
  });

  it('takes addresses and networks for proxies, and refuses what is neither', () => {
    const proxies = (list: string) => ({ ...REQUIRED, FOYER_HTTP_TRUSTED_PROXIES: list });
    const good = ['127.0.0.1', '::1', '10.0.0.0/8', 'fd00::/8'];
    expect(loadConfig(undefined, proxies(good.join(', '))).http.trusted_proxies).to.deep.equal(good);
    for (const bad of ['true', 'proxy.example', '10', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8'])
      expect(faults(undefined, proxies(bad)), bad).to.have.lengthOf(1);
    expect(faults(file('old.yml', 'http:\n  trust_proxy: true\n'), REQUIRED)).to.deep.equal([
      'http.trust_proxy: there is no such setting',
    ]);
  });

  it('lets a page send at once what it kept while it was offline', () => {
    const limit = (count: number) => ({ ...REQUIRED, FOYER_LIMITS_MESSAGES_PER_MINUTE_PER_VISITOR: String(count) });
    expect(faults(undefined, limit(MESSAGES_A_CALL - 1))).to.have.lengthOf(1);
    expect(faults(undefined, limit(MESSAGES_A_CALL))).to.deep.equal([]);
  });

  it('names every fault at once, each by its key', () => {
    const path = file('faults.yml', 'http:\n  port: 99999\n  colour: red\nlog:\n  level: loud\nshop: {}\n');
    const found = faults(path, { FOYER_NOPE: '1', FOYER_DATABASE_CONNECTIONS: 'many' });
    const about = [
      'FOYER_NOPE',
      'http.port',
      'http.colour',
      'log.level',
      'shop',
      'database.connections',
      'database.password',
      'ejabberd.host',
      'hooks.secrets',
    ];
    for (const key of about)
      expect(
        found.filter((fault) => fault.includes(key)),
        key,
      ).to.have.lengthOf(1);
  });

  it('wants rooms on each host where there are several', () => {
    const rooms = (service: string) => ({
      ...{ ...REQUIRED, FOYER_EJABBERD_HOSTS: 'second.example' },
      FOYER_EJABBERD_ROOMS_SERVICE: service,
    });
    expect(() => loadConfig(undefined, rooms('rooms.chat.example'))).to.throw('ejabberd.rooms_service');
    expect(loadConfig(undefined, rooms('rooms.{host}')).ejabberd.rooms_service).to.equal('rooms.{host}');
  });

  it('is overruled by the environment, key by key', () => {
    const path = file('over.yml', 'http:\n  host: 0.0.0.0\n  port: 1234\n');
    expect(loadConfig(path, { ...REQUIRED, FOYER_HTTP_PORT: '4321' }).http).to.deep.include({
      host: '0.0.0.0',
      port: 4321,
    });
  });

  it('takes secrets from files', () => {
    const secret = file('secret', 'from a file\n');
    const { FOYER_DATABASE_PASSWORD: _password, ...rest } = REQUIRED;
    expect(loadConfig(undefined, { ...rest, FOYER_DATABASE_PASSWORD_FILE: secret }).database.password).to.equal(
      'from a file',
    );
    expect(faults(undefined, { ...rest, FOYER_DATABASE_PASSWORD_FILE: join(dir, 'none') })[0]).to.match(
      /^FOYER_DATABASE_PASSWORD_FILE: ENOENT/,
    );
  });

  it('never repeats a secret in a fault', () => {
    const path = file('leak.yml', 'database:\n  password: {hunter2: [\n');
    const found = faults(path, {
      ...REQUIRED,
      FOYER_HOOKS_SECRETS: 'hunter2',
      FOYER_SECRETS_ACCOUNT_KEY: 'hunter2',
      FOYER_EJABBERD_API_USER: 'x',
    });
    expect(found.length).to.be.greaterThan(3);
    expect(found.join('\n')).to.not.include('hunter2');
  });

  it('refuses webhook secrets and account keys that are too short', () => {
    const short = {
      FOYER_HOOKS_SECRETS: `whsec_${Buffer.alloc(16).toString('base64')}`,
      FOYER_SECRETS_ACCOUNT_KEY: Buffer.alloc(16).toString('base64'),
    };
    expect(faults(undefined, { ...REQUIRED, ...short }).map((fault) => fault.split(':')[0])).to.deep.equal([
      'hooks.secrets.0',
      'secrets.account_key',
    ]);
  });

  it('has one variable for each setting', () => {
    const names = settingNames();
    expect(names.get('FOYER_EJABBERD_API_URL')).to.deep.equal(['ejabberd', 'api_url']);
    expect(new Set([...names.values()].map(String)).size).to.equal(names.size);
  });
});
