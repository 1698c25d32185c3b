import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance } from 'axios';
import { EjabberdError, errorFromAnswer } from './admin-errors.js';
import { Slots } from './slots.js';

export interface EjabberdApiOptions {
  /** Where `mod_http_api` is, for example `http://127.0.0.1:5280/api`. */
  url: string;
  /** Bare JID of the account that `api_permissions` lets in. */
  user: string;
  password: string;
  /** Connections kept open at most; more calls wait their turn. Defaults to 16. */
  maxSockets?: number;
  /** Milliseconds for one call, once it has a connection to itself. Defaults to 10,000. */
  timeoutMs?: number;
}

const DEFAULT_MAX_SOCKETS = 16;
const DEFAULT_TIMEOUT_MS = 10_000;
/** The members of a roster group with 100,000 accounts are some 4 MB of JSON. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** ejabberd closed a kept connection just as the request went out: every admin command here may be repeated. */
const CLOSED_UNDER_US: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** One POST per command of ejabberd's REST API, over kept connections. Errors are `EjabberdError`s. */
export class RestCaller {
  readonly #http: AxiosInstance;
  readonly #agents: [HttpAgent, HttpsAgent];
  /** Calls wait here and not in the agent, where axios's timeout would already run. */
  readonly #slots: Slots;

  constructor(options: EjabberdApiOptions) {
    const maxSockets = options.maxSockets ?? DEFAULT_MAX_SOCKETS;
    this.#slots = new Slots(maxSockets);
    const agent = { keepAlive: true, maxSockets };
    this.#agents = [new HttpAgent(agent), new HttpsAgent(agent)];
    this.#http = axios.create({
      baseURL: options.url.replace(/\/+$/, ''),
      adapter: 'http',
      httpAgent: this.#agents[0],
      httpsAgent: this.#agents[1],
      headers: {
        Authorization: `Basic ${Buffer.from(`${options.user}:${options.password}`, 'utf8').toString('base64')}`,
        'Content-Type': 'application/json',
        'User-Agent': 'foyer-bridge',
      },
      timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      proxy: false,
      decompress: false,
      responseType: 'text',
      transformRequest: (text: unknown) => text,
      transformResponse: (text: unknown) => text,
      validateStatus: () => true,
    });
  }

  /** The command's result as parsed JSON. */
  async call(command: string, args: Record<string, unknown>): Promise<unknown> {
    const body = JSON.stringify(args);
    const { status, data } = await this.#slots.run(() => this.#post(command, body, 1));
    const answer = parse(data);
    if (status !== 200) {
      throw errorFromAnswer(command, status, answer.valid ? answer.value : data);
    }
    if (!answer.valid) {
      throw new EjabberdError('unreachable', `the answer to ${command} isn't JSON: is the address ejabberd's API?`);
    }
    return answer.value;
  }

  /** Closes the kept connections. Calls under way fail as `unreachable`. */
  close(): void {
    for (const agent of this.#agents) {
      agent.destroy();
    }
  }

  async #post(command: string, body: string, triesLeft: number): Promise<{ status: number; data: string }> {
    try {
      const { status, data } = await this.#http.post<string>(`/${command}`, body);
      return { status, data };
    } catch (error) {
      const code = axios.isAxiosError(error) ? (error.code ?? 'unknown') : 'unknown';
      if (triesLeft > 0 && CLOSED_UNDER_US.has(code)) {
        return this.#post(command, body, triesLeft - 1);
      }
      // Axios's own error holds the request with its Authorization header and arguments: it must not travel into logs.
      const cause = new Error(error instanceof Error ? error.message : String(error));
      throw new EjabberdError('unreachable', `ejabberd's API can't be reached for ${command} (${code})`, { cause });
    }
  }
}

function parse(text: string): { valid: true; value: unknown } | { valid: false } {
  try {
    return { valid: true, value: JSON.parse(text) as unknown };
  } catch {
    return { valid: false };
  }
}
