import { expect } from 'chai';
import { z } from 'zod';

type Json = Record<string, unknown>;

interface Media {
  schema: Json;
  'x-event-data'?: Json;
}
interface Response {
  headers?: Json;
  content?: Record<string, Media>;
}

/** Headers that the document has to name where an answer has them. */
const TOLD_HEADERS = ['retry-after', 'idempotency-replayed'];
/** What no route promises: there is none, or it takes another method. */
const NO_ROUTE = [404, 405];

/** An OpenAPI document as a client's program reads it: holds real answers against it. */
export class PublishedApi {
  private readonly parsers = new Map<Json, z.ZodType>();

  constructor(private readonly document: Json) {}

  static async of(base: string): Promise<PublishedApi> {
    return new PublishedApi((await (await fetch(`${base}/openapi.json`)).json()) as Json);
  }

  /** Fails when the answer isn't one that the document tells of. Addresses that it doesn't know are let through. */
  check(method: string, path: string, { status, headers, body }: { status: number; headers: Headers; body: unknown }) {
    const operation = this.operation(method, path);
    if (!operation) return void expect(status).to.be.oneOf(NO_ROUTE);
    const what = `${method} ${path} → ${status}`;
    expect(operation.responses, what).to.have.property(String(status));
    const response = operation.responses[String(status)] as Response;
    for (const name of TOLD_HEADERS)
      if (headers.has(name))
        expect(Object.keys(response.headers ?? {}).map((key) => key.toLowerCase())).to.include(name);
    const type = headers.get('content-type')?.split(';')[0];
    if (type === undefined) return void expect(response, what).not.to.have.property('content');
    expect(response.content, what).to.have.property(type);
    if (type !== 'text/event-stream') this.parse(what, response.content?.[type]?.schema as Json, body);
  }

  /** An event of a stream. */
  checkEvent(method: string, path: string, event: unknown): void {
    const media = this.operation(method, path)?.responses['200'] as Response;
    this.parse('an event', media.content?.['text/event-stream']?.['x-event-data'] as Json, event);
  }

  private parse(what: string, schema: Json, value: unknown): void {
    const parser = this.parsers.get(schema) ?? parserOf(this.document, schema);
    this.parsers.set(schema, parser);
    check(what, parser, value);
  }

  private operation(method: string, path: string): { responses: Json } | undefined {
    const asked = path.split('?', 1)[0]?.split('/') ?? [];
    const paths = Object.entries(this.document['paths'] as Record<string, Record<string, { responses: Json }>>);
    const fitting = paths.filter(([template]) => {
      const steps = template.split('/');
      return steps.length === asked.length && steps.every((step, i) => step.startsWith('{') || step === asked[i]);
    });
    // As in the router, what is written out goes before what is a parameter.
    fitting.sort(([a], [b]) => a.split('{').length - b.split('{').length);
    return fitting.map(([, item]) => item[method.toLowerCase()]).find((one) => one !== undefined);
  }
}

/** The AsyncAPI document likewise: holds callbacks against it. */
export class PublishedCallbacks {
  private constructor(
    private readonly document: Json,
    private readonly messages: Record<string, { payload: Json; headers: Json }>,
  ) {}

  static async of(base: string): Promise<PublishedCallbacks> {
    const document = (await (await fetch(`${base}/asyncapi.json`)).json()) as Json;
    const { messages } = document['components'] as { messages: Record<string, { payload: Json; headers: Json }> };
    return new PublishedCallbacks(document, messages);
  }

  /** Those that the one operation of the document sends, and no others. */
  get types(): string[] {
    const { callBack } = this.document['operations'] as { callBack: { messages: { $ref: string }[] } };
    return callBack.messages.map(({ $ref }) => $ref.slice('#/channels/callbacks/messages/'.length));
  }

  check(body: { type: string }, headers: object): void {
    const message = this.messages[body.type];
    expect(message, body.type).not.to.equal(undefined);
    check(body.type, parserOf(this.document, message?.payload as Json), body);
    check(`headers of ${body.type}`, parserOf(this.document, message?.headers as Json), headers);
  }
}

function parserOf(document: Json, schema: Json): z.ZodType {
  const { schemas } = document['components'] as { schemas: Json };
  const whole = JSON.stringify({ ...schema, $defs: schemas });
  return z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')) as Json);
}

function check(what: string, parser: z.ZodType, value: unknown): void {
  const { error } = parser.safeParse(value);
  expect(error && z.prettifyError(error), `${what}: ${JSON.stringify(value)?.slice(0, 500)}`).to.equal(undefined);
}
