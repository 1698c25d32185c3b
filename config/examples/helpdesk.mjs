/* A helpdesk in one file, to begin your own with: what its visitors write goes to Foyer, what operators answer in their XMPP clients comes back.
 *   FOYER_URL=http://127.0.0.1:8080 FOYER_KEY=fk_… PORT=8800 node config/examples/helpdesk.mjs
 * FOYER_KEY: a key of the scopes chats and outbox (`foyer key add`); OWN_URL: where Foyer reaches this; FILE: what it keeps; DESK: where its chats enter.
 * A visitor writes by `curl -d '{"text":"Hello"}' http://127.0.0.1:8800/visitors/7`, reads by the same without -d, and ends the chat by -X DELETE.
 * Whoever calls it counts as the visitor: your own needs logins there. /openapi.json and /asyncapi.json of Foyer have all that it takes and tells. */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const { FOYER_URL, FOYER_KEY, PORT = '8800', FILE = 'helpdesk.json', DESK = 'main' } = process.env;
const { OWN_URL = `http://127.0.0.1:${PORT}` } = process.env;
const KEPT_MS = 80 * 3_600_000; // Foyer repeats a callback for 76 hours
const known = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : { taken: {}, visitors: {} };
known.secret ??= `whsec_${randomBytes(32).toString('base64')}`;
let told = false; // Foyer knows where to call back
const visitorOf = (id) => (known.visitors[id] ??= { chat: null, lines: [] });

/** Nothing is answered before it is in the file. */
function save() {
  writeFileSync(`${FILE}.new`, JSON.stringify(known));
  renameSync(`${FILE}.new`, FILE);
}

async function foyer(method, path, body) {
  const headers = { authorization: `Bearer ${FOYER_KEY}`, 'content-type': 'application/json' };
  const response = await fetch(`${FOYER_URL}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  if (response.status >= 500 || response.status === 429) throw new Error(`Foyer answers ${response.status}`);
  return response.status === 204 ? {} : response.json();
}

/** What Foyer hasn't got yet, in order: a repeat is the same `message_id`. Where the chat is closed the next turn begins another. */
async function send() {
  const own = { url: `${OWN_URL}/callback`, secret: known.secret };
  told ||= 'url' in (await foyer('PUT', '/instance/callback', own));
  for (const [id, visitor] of Object.entries(known.visitors))
    for (let line; (line = visitor.lines.find(({ sent }) => sent === false)); save()) {
      const message = { text: line.text, message_id: line.id };
      const answer = visitor.chat
        ? await foyer('POST', `/chats/${visitor.chat}/messages`, message)
        : await foyer('POST', '/chats', { desk: DESK, visitor: { external_id: id }, ...message });
      line.sent = answer.code !== 'chat_closed';
      visitor.chat = line.sent ? (answer.chat?.id ?? visitor.chat) : null;
    }
}

/** Standard Webhooks 1.0.0, over the body as it came. */
function isSigned(headers, raw) {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures = '' } = headers;
  const key = Buffer.from(known.secret.slice('whsec_'.length), 'base64');
  const own = createHmac('sha256', key).update(`${id}.${at}.`).update(raw).digest();
  const given = signatures.split(' ').map((one) => Buffer.from(one.replace(/^v1,/, ''), 'base64'));
  const isOwn = given.some((one) => one.length === own.length && timingSafeEqual(one, own));
  return isOwn && Math.abs(Date.now() / 1000 - Number(at)) < 300;
}

/** @returns what Foyer is answered: 409 with a code has the operator told that nobody read it */
function hear({ type, data: { visitor: card, chat, message } }) {
  const visitor = card?.external_id ? visitorOf(card.external_id) : null;
  if (visitor && type === 'chat.started') visitor.chat = chat.id;
  if (visitor?.chat === chat?.id && type === 'chat.closed') visitor.chat = null;
  if (!visitor || !type.startsWith('operator.message') || message.origin !== 'xmpp') return [200];
  if (visitor.chat !== chat.id) return [409, { code: 'chat_closed' }];
  const { author_name: from, text, number } = message;
  const line = visitor.lines.find((one) => one.chat === chat.id && one.number === number);
  if (line) line.text = text;
  else visitor.lines.push({ from, text, chat: chat.id, number });
  return [200];
}

function hearOnce(id, callback) {
  for (const [one, at] of Object.entries(known.taken)) if (at < Date.now() - KEPT_MS) delete known.taken[one];
  const heard = known.taken[id] ? [200] : hear(callback);
  if (heard[0] === 200) known.taken[id] ??= Date.now();
  return heard;
}

function answer({ method, url, headers }, raw) {
  if (url === '/callback') return isSigned(headers, raw) ? hearOnce(headers['webhook-id'], JSON.parse(raw)) : [401];
  const visitor = visitorOf(/^\/visitors\/([\w-]{1,64})$/.exec(url)[1]);
  const { chat, lines } = visitor;
  const tell = (what, body) => chat && foyer('POST', `/chats/${chat}/${what}`, body).catch(console.error);
  if (method === 'POST') lines.push({ from: 'visitor', text: JSON.parse(raw).text, id: randomUUID(), sent: false });
  if (method === 'GET') void tell('seen', { number: lines.findLast((line) => line.chat === chat)?.number ?? 0 });
  if (method === 'DELETE') void (tell('close', { by: 'visitor' }), (visitor.chat = null));
  return [200, visitor];
}

async function serve(request, response) {
  const [status, body] = answer(request, Buffer.concat(await request.toArray()));
  save();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

createServer((request, response) => {
  serve(request, response).catch(() => response.writeHead(400).end());
}).listen(Number(PORT), '127.0.0.1');
for (; ; await setTimeout(500)) await send().catch(({ message }) => console.error(message));
