import { STATUS_CODES, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Metrics } from '../../observe/metrics.js';
import { FoyerError } from '../../shared/errors.js';
import type { Ids } from '../../shared/ids.js';
import { problemOf, PROBLEM_TYPE } from './problem.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** What of a client's faults never becomes a request that a route could refuse: it gets its answer here, and the connection ends. */
export function answerClientErrors(server: Server, { metrics, ids }: { metrics: Metrics; ids: Ids }): void {
  const answering = new WeakSet<Duplex>();
  server.on('request', ({ socket }, response) => {
    answering.add(socket);
    response.once('close', () => answering.delete(socket));
  });
  server.on('clientError', (fault: NodeJS.ErrnoException, socket) => {
    const error = refusalOf(fault.code);
    // Bytes in the middle of an answer would be taken for a part of it.
    if (error === null || !socket.writable || answering.has(socket)) {
      socket.destroy();
      return;
    }
    metrics.requests.observe({ door: 'other', route: 'none', status: String(error.status) }, 0);
    const body = JSON.stringify(problemOf(error, ids.ulid()));
    const head = [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
      `Content-Type: ${PROBLEM_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  });
}

function refusalOf(code: string | undefined): FoyerError | null {
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return null;
    case 'HPE_HEADER_OVERFLOW':
      return new FoyerError('headers_too_large', 'The request line and headers may have 16 KB together.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new FoyerError('request_timeout', 'The request took too long to come.');
    default:
      return new FoyerError('malformed_http', 'This isn’t a request that HTTP knows.');
  }
}
