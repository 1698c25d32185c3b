import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import axios, { type AxiosInstance } from 'axios';
import type { Clock } from '../../shared/clock.js';
import { decodeSecret, signWebhook } from '../../shared/webhook-signature.js';
import { checkLiteral, guardedLookup, type Lookup } from './address-guard.js';

export interface CallbackClientOptions {
  clock: Clock;
  /** Of the bridge, for the User-Agent. */
  version: string;
  timeoutMs: number;
  allowPrivateAddresses: boolean;
  /** Open connections to one helpdesk at most. */
  maxSockets?: number;
  /** Told of each callback that was sent: what was answered, null for nothing, and how long it took; for figures. */
  onAnswer?: (status: number | null, seconds: number) => void;
  /** DNS; the system's where nothing is said. */
  resolve?: Lookup;
}

export interface Callback {
  url: string;
  secrets: readonly string[];
  /** `webhook-id`: the same over all tries. */
  id: string;
  body: unknown;
}

export interface CallbackAnswer {
  status: number;
  retryAfter: string | undefined;
  /** When it was made, by the helpdesk's clock. */
  date?: string | undefined;
  /** Its beginning, where it is long. */
  body?: string;
}

/** More of an answer's body isn't read. */
const ANSWER_BYTES = 65_536;
const MAX_SOCKETS = 32;

/** Signed POSTs. An answer of any status resolves; no answer rejects. */
export class CallbackClient {
  private readonly http: AxiosInstance;
  private readonly agents: readonly [HttpAgent, HttpsAgent];

  constructor(private readonly options: CallbackClientOptions) {
    const agent = {
      keepAlive: true,
      maxSockets: options.maxSockets ?? MAX_SOCKETS,
      ...(options.allowPrivateAddresses ? {} : { lookup: guardedLookup(options.resolve) as unknown as LookupFunction }),
    };
    this.agents = [new HttpAgent(agent), new HttpsAgent(agent)];
    this.http = axios.create({
      httpAgent: this.agents[0],
      httpsAgent: this.agents[1],
      // A proxy would resolve the name itself, past the guard.
      proxy: false,
      maxRedirects: 0,
      decompress: false,
      responseType: 'stream',
      validateStatus: () => true,
      headers: { 'user-agent': `Foyer/${options.version}`, 'content-type': 'application/json', accept: '*/*' },
    });
  }

  /** @throws when there is no answer in time, the address is refused, or nothing can sign */
  async post({ url, secrets, id, body }: Callback): Promise<CallbackAnswer> {
    if (!this.options.allowPrivateAddresses) checkLiteral(url);
    const keys = secrets.flatMap((secret) => decodeSecret(secret) ?? []);
    if (keys.length === 0) throw new Error('there is no secret to sign with');
    const bytes = Buffer.from(JSON.stringify(body));
    const timestamp = Math.floor(this.options.clock.now().getTime() / 1000);
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), this.options.timeoutMs);
    const started = this.options.clock.monotonic();
    const answered = (status: number | null): void =>
      this.options.onAnswer?.(status, (this.options.clock.monotonic() - started) / 1000);
    try {
      const headers = { ...signWebhook(keys, id, timestamp, bytes) };
      const answer = await this.http.request<Readable>({
        method: 'post',
        url,
        data: bytes,
        headers,
        signal: timeout.signal,
      });
      const body = await read(answer.data, timeout.signal);
      answered(answer.status);
      const header = (name: string): string | undefined => {
        const value: unknown = answer.headers[name];
        return typeof value === 'string' ? value : undefined;
      };
      return { status: answer.status, retryAfter: header('retry-after'), date: header('date'), body };
    } catch (error) {
      answered(null);
      if (timeout.signal.aborted)
        throw new Error(`no answer within ${this.options.timeoutMs / 1000} s`, { cause: error });
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    for (const agent of this.agents) agent.destroy();
  }
}

/**
 * Reads to the end, so that the connection can be used again; gives it up when the end is far. The status has been told
 * already.
 */
async function read(body: Readable, signal: AbortSignal): Promise<string> {
  const stop = (): void => void body.destroy();
  signal.addEventListener('abort', stop);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > ANSWER_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    // Cut off in the middle: what counted was the status.
  } finally {
    signal.removeEventListener('abort', stop);
    body.destroy();
  }
  return Buffer.concat(chunks).toString();
}
