import { Readable } from 'node:stream';
import type { HostingStore } from '../../domain/instances/hosting.js';
import { lockInstance } from '../../domain/instances/change-instance.js';
import { defineRoute, type Route } from '../http/route.js';
import type { HelpdeskApiDeps } from './deps.js';
import { instanceName } from './instances.js';
import { actorOf, keyOf } from './own.js';

export function exportInstanceRoute(deps: HelpdeskApiDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/instances/:name/export',
    operationId: 'exportInstance',
    summary: 'Everything of an instance, a line of JSON for each row, without secrets',
    tag: 'instances',
    auth: { kind: 'key', scope: 'hosting' },
    params: instanceName,
    refusals: ['not_found'],
    answers: {
      200: {
        description:
          'Streamed. Each line is `{"table": …, "row": {…}}`, a chat followed by its messages; the last is `{"end": true, "rows": …}`: where it is missing, the rest is. Of one moment only when the instance is suspended.',
        schema: null,
        otherTypes: ['application/x-ndjson'],
      },
    },
    handle: async (request) => {
      const actor = actorOf(keyOf(request));
      const { id } = await deps.transactions.alone(async (tx) => {
        const instance = await lockInstance(tx, request.params.name);
        const subject = `instance:${instance.id}`;
        tx.audit.add({ instanceId: instance.id, actor, action: 'instance.export', subject });
        return instance;
      });
      return {
        status: 200,
        body: Readable.from(exportLines(deps.hosting, id)),
        headers: { 'Content-Type': 'application/x-ndjson' },
      };
    },
  });
}

/** The export as text, line by line. */
export async function* exportLines(hosting: Pick<HostingStore, 'export'>, instanceId: number): AsyncIterable<string> {
  let rows = 0;
  for await (const row of hosting.export(instanceId)) {
    rows += 1;
    yield `${JSON.stringify(row)}\n`;
  }
  yield `${JSON.stringify({ end: true, rows })}\n`;
}
