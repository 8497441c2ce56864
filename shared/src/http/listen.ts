/** The listening socket: bounds on slow callers, an error envelope even for malformed requests, and an orderly end. */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ipKeyGenerator } from 'express-rate-limit';
import { newId } from '../ids.js';
import type { Metrics } from '../process/metrics.js';
import type { Lifecycle } from '../process/run.js';
import { createBound, createShares } from './bound.js';
import { errorBody, invalid } from './envelope.js';

const MAX_CONNECTIONS = 10_000;
const MAX_PER_ADDRESS = 256;

export interface ListenOptions {
  readonly port: number;
  readonly host: string;
  /** Whether an address is one of our proxies, from which everybody's connections come. Default: none is. */
  readonly isProxy?: (address: string) => boolean;
  readonly metrics: Pick<Metrics, 'edgeHolds' | 'edgeRefused'>;
  readonly maxPerAddress?: number;
  /** What its connections are called in metrics. */
  readonly bound?: string;
}

/**
 * Listens, and registers the server's end: no new connections, then requests under way are answered, then the rest is cut off.
 * Returns the port (useful for port 0); rejects if it is taken.
 */
export async function listen(
  lifecycle: Pick<Lifecycle, 'onStopAccepting' | 'onDrain' | 'onClose'>,
  handler: RequestListener,
  { port, host, isProxy = () => false, metrics, maxPerAddress = MAX_PER_ADDRESS, bound = 'connections' }: ListenOptions,
): Promise<{ server: Server; port: number }> {
  const server = createServer({
    requestTimeout: 30_000,
    headersTimeout: 15_000,
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: 1_000, // else the timeouts above are only checked every 30 s
  });
  server.on('connection', boundConnections({ isProxy, metrics, maxPerAddress, bound }));
  /** The newest answer on each connection. */
  const answers = new Map<Duplex, ServerResponse>();
  server.on('connection', (socket: Socket) => socket.once('close', () => answers.delete(socket)));
  let closed: Promise<void> | undefined;
  server.on('request', (request, response) => {
    answers.set(request.socket, response);
    if (closed) closeAfter(response);
  });
  /** An idle kept-alive connection would delay the drain. */
  function closeAfter(response: ServerResponse): void {
    if (!response.headersSent) response.setHeader('Connection', 'close');
    response.once('close', () => setImmediate(() => server.closeIdleConnections()));
  }
  server.on('request', handler);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Garbage after a request that is being answered must not get a reply that looks like part of its response.
    if (answers.get(socket)?.headersSent || !socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else answerBrokenRequest(error, socket);
  });

  lifecycle.onStopAccepting('http', () => {
    closed = new Promise((resolve) => server.close(() => resolve()));
    for (const response of answers.values()) closeAfter(response);
    server.closeIdleConnections();
  });
  lifecycle.onDrain('http', () => closed);
  lifecycle.onClose('http', () => server.closeAllConnections());

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Limits the connections in all and per address; any beyond that are closed at once. */
function boundConnections({ isProxy, metrics, maxPerAddress, bound }: Required<Omit<ListenOptions, 'port' | 'host'>>) {
  const all = createBound(bound, MAX_CONNECTIONS, metrics);
  const ofAddress = createShares(maxPerAddress);
  return (socket: Socket): void => {
    const address = socket.remoteAddress ?? '';
    const share = isProxy(address) ? null : ipKeyGenerator(address);
    if (share !== null && !ofAddress.take(share)) {
      metrics.edgeRefused.inc({ bound: 'connections of an address' });
      return void socket.destroy();
    }
    const taken = all.take();
    socket.once('close', () => {
      if (taken) all.give();
      if (share !== null) ofAddress.give(share);
    });
    if (!taken) socket.destroy();
  };
}

const reasons: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'headers: must be smaller',
  ERR_HTTP_REQUEST_TIMEOUT: 'request: took too long to arrive',
};

/** Node's parser gave up, so there is no response object: the envelope is written by hand and the connection ends. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  const correlationId = newId();
  const body = errorBody(invalid(reasons[error.code ?? ''] ?? 'request: must be HTTP/1.1'), correlationId);
  const head = [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Correlation-Id: ${correlationId}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
