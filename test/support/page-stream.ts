/** An open stream of events. */
export interface PageStream {
  status: number;
  headers: Headers;
  /** All that has come. */
  text(): string;
  /** Whether the bridge has ended it. */
  ended(): boolean;
  /** Hangs up. */
  hangUp(): Promise<void>;
}

/** What happens in a visitor's chat. */
export function openStream(
  base: string,
  token: string | undefined,
  headers: Record<string, string> = {},
): Promise<PageStream> {
  return streamOf(`${base}/visitor/v1/events`, token, headers);
}

/** @param token a visitor's, or an API key */
export async function streamOf(
  url: string,
  token: string | undefined,
  headers: Record<string, string> = {},
): Promise<PageStream> {
  const controller = new AbortController();
  const response = await fetch(url, {
    headers: { accept: 'text/event-stream', authorization: `Bearer ${token ?? ''}`, ...headers },
    signal: controller.signal,
  });
  let text = '';
  let ended = false;
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
      text += decoder.decode(chunk, { stream: true });
    ended = true;
  })().catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
  });
  return {
    status: response.status,
    headers: response.headers,
    text: () => text,
    ended: () => ended,
    async hangUp() {
      controller.abort();
      await reading;
    },
  };
}
