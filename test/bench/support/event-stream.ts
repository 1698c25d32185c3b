import { get, type ClientRequest } from 'node:http';

/** A page's stream of events; tells the text of each message that appears. */
export async function listen(base: string, token: string, onText: (text: string) => void): Promise<{ close(): void }> {
  const request: ClientRequest = get(`${base}/visitor/v1/events`, {
    headers: { authorization: token, accept: 'text/event-stream' },
    agent: false,
  });
  await new Promise<void>((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      let rest = '';
      response.setEncoding('utf8');
      response.on('error', () => undefined);
      response.on('data', (chunk: string) => {
        const events = (rest + chunk).split('\n\n');
        rest = events.pop() ?? '';
        for (const event of events) tell(event, onText);
        // The first event says where the chat stands: from here on nothing is missed.
        resolve();
      });
    });
  });
  return { close: () => void request.destroy() };
}

function tell(event: string, onText: (text: string) => void): void {
  if (!event.includes('\nevent: message\n')) return;
  const data = event.slice(event.indexOf('\ndata: ') + '\ndata: '.length);
  onText((JSON.parse(data) as { data: { message: { text: string } } }).data.message.text);
}
