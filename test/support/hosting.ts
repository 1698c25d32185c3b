import { createApiKey, newApiKey } from '../../bridge/domain/instances/create-api-key.js';
import { HOSTING, SCOPES, type Scope } from '../../bridge/domain/reads.js';
import { randomIds } from '../../bridge/shared/ids.js';
import { hashSecret } from '../../bridge/storage/credentials.js';
import type { TestFoyer } from './bridge.js';
import type { OperatorClient, OperatorLogin } from './operator-client.js';
import { operatorClient } from './operator-client.js';
import { until } from './until.js';

export interface Answered<T> {
  status: number;
  body: T;
  raw: string;
}

/** An instance with a department and a desk `main`. */
export interface Tenant {
  name: string;
  host: string;
  key: string;
  department: number;
  desk: number;
}

export interface TenantOperator {
  id: number;
  jid: string;
  login: OperatorLogin;
}

export interface InstanceJson {
  name: string;
  state: string;
  settled: boolean;
  callback_url: string | null;
  usage: Record<string, number>;
}

/** Whoever hosts instances, by the API alone. */
export class Host {
  private readonly clients: OperatorClient[] = [];

  private constructor(
    readonly foyer: TestFoyer,
    readonly key: string,
  ) {}

  static async of(foyer: TestFoyer): Promise<Host> {
    return new Host(foyer, await newKey(foyer, 0, [HOSTING]));
  }

  /** A key of all scopes for an instance that wasn't made by the API. */
  keyOf(instanceId: number): Promise<string> {
    return newKey(this.foyer, instanceId, SCOPES);
  }

  async ask<T>(method: string, path: string, body?: unknown, key: string = this.key): Promise<Answered<T>> {
    const response = await fetch(`${this.foyer.base}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const raw = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true && !raw.includes('\n');
    return { status: response.status, raw, body: (json ? JSON.parse(raw) : null) as T };
  }

  /** @throws where the answer is a refusal */
  async call<T>(method: string, path: string, body?: unknown, key: string = this.key): Promise<T> {
    const { status, raw, body: answer } = await this.ask<T>(method, path, body, key);
    if (status >= 300) throw new Error(`${method} ${path} was answered with ${status}: ${raw}`);
    return answer;
  }

  async tenant(name: string, more: Record<string, unknown> = {}): Promise<Tenant> {
    const made = await this.call<{ instance: { host: string }; api_key: string }>('POST', '/instances', {
      name,
      ...more,
    });
    const { api_key: key, instance } = made;
    const { department } = await this.call<{ department: { id: number } }>(
      ...(['POST', '/departments', { name: 'Support' }, key] as const),
    );
    const wanted = { key: 'main', name, department: department.id, allowed_origins: ['*'] };
    const { desk } = await this.call<{ desk: { id: number } }>('POST', '/desks', wanted, key);
    return { name, host: instance.host, key, department: department.id, desk: desk.id };
  }

  /** Waits until the account is on ejabberd. */
  async operator({ key, department }: Tenant, username: string): Promise<TenantOperator> {
    const wanted = { username, name: username, departments: [department] };
    const made = await this.call<{ operator: { id: number; jid: string }; password: string }>(
      ...(['POST', '/operators', wanted, key] as const),
    );
    const { id, jid } = made.operator;
    const [user = '', host = ''] = jid.split('@');
    await until(async () => (await this.accountState(jid)) === 'ready', `${jid} on ejabberd`);
    return { id, jid, login: { user, host, password: made.password, c2sPort: this.foyer.ejabberd.c2sPort } };
  }

  /** Logs in; waits until the record has the operator online. */
  async online({ id, login }: TenantOperator): Promise<OperatorClient> {
    const client = await operatorClient(login);
    this.clients.push(client);
    await until(async () => (await this.show(id)) === 'available', `${login.user} online`);
    return client;
  }

  async show(operatorId: number): Promise<string> {
    const sql = 'SELECT show_state FROM operator_presence WHERE operator_id = ?';
    return String((await this.foyer.select(sql, [operatorId]))[0]?.['show_state']);
  }

  async accountState(jid: string): Promise<unknown> {
    const [row] = await this.foyer.select("SELECT state FROM accounts WHERE CONCAT(local, '@', host) = ?", [jid]);
    return row?.['state'];
  }

  /** By the helpdesk's own id; waits for the contact. */
  async visitor(tenant: Tenant, externalId: string): Promise<string> {
    const path = `/visitors/${externalId}/presence?wait=true`;
    const page = { nick: `${externalId} of ${tenant.name}`, page: { url: 'https://shop.example/' }, desk: 'main' };
    return (await this.call<{ account: { jid: string } }>('PUT', path, page, tenant.key)).account.jid;
  }

  async instance(name: string): Promise<InstanceJson> {
    return (await this.call<{ instance: InstanceJson }>('GET', `/instances/${name}`)).instance;
  }

  /** Waits until all that the instance's state asks for is done. */
  async settled(name: string): Promise<InstanceJson> {
    return until(async () => {
      const instance = await this.instance(name);
      return instance.settled ? instance : undefined;
    }, `${name} settled`);
  }

  async end(): Promise<void> {
    for (const client of this.clients) await client.stop().catch(() => undefined);
  }
}

async function newKey({ bridge }: TestFoyer, instanceId: number, scopes: readonly Scope[]): Promise<string> {
  const key = newApiKey(randomIds);
  const wanted = { instanceId, name: 'test', scopes, expiresAt: null };
  await bridge.core.transactions.alone((tx) => createApiKey(tx, hashSecret, key, wanted));
  return key;
}
