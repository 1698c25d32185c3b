const ANSWER_MS = 20_000; // a phone on a weak network needs most of it

/** A refusal of the bridge, or no answer at all (`status` 0, `code` "network"). */
export class ApiError {
  constructor(
    readonly status: number,
    /** The stable code of the problem document; "network" without an answer. */
    readonly code: string,
    /** Milliseconds that the bridge asks to wait; 0 when it doesn't. */
    readonly retryAfter = 0,
  ) {}
}

export interface Api {
  /**
   * The answer once its head is here; for streams, with their own signal. Rejects with {@link ApiError} unless it is a 2xx.
   * @param signal ends the call; after 20 s when left out
   */
  open(path: string, body?: object, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>;
  /** The answer's JSON, undefined when it has no body. A POST when there is a body to send. Rejects with {@link ApiError}. */
  call<T>(path: string, body?: object, signal?: AbortSignal): Promise<T>;
}

function unreachable(): never {
  throw new ApiError(0, 'network');
}

/** The visitor API below `base`, which ends in `/visitor/v1/`. The token is asked for at each call and travels in a header only. */
export function createApi(base: string, token: () => string | null, send: typeof fetch): Api {
  const open: Api['open'] = async (path, body, headers, signal = AbortSignal.timeout(ANSWER_MS)) => {
    const key = token();
    const response = await send(base + path, {
      method: body ? 'POST' : 'GET',
      cache: 'no-store', // a cache lets one tab's poll wait for another tab's poll of the same address
      headers: {
        ...(key && { authorization: `Bearer ${key}` }),
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
      signal,
    }).catch(unreachable);
    if (response.ok) return response;
    const problem = (await response.json().catch(() => null)) as { code?: string } | null;
    throw new ApiError(response.status, problem?.code ?? '', Number(response.headers.get('retry-after')) * 1000 || 0);
  };

  return {
    open,
    async call<T>(path: string, body?: object, signal?: AbortSignal) {
      const response = await open(path, body, {}, signal);
      return (response.status === 204 ? undefined : await response.json().catch(unreachable)) as T;
    },
  };
}
