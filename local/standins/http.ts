import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { StartFailure } from '../failure.ts';

/** Only this machine may reach a stand-in. */
const LOOPBACK = '127.0.0.1';
const BODY_BYTES_MAX = 1024 * 1024;

export interface Incoming {
  method: string;
  /** Decoded segments of the path: `/a/b%20c` is `['a', 'b c']`. */
  segments: string[];
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body: string;
  /** The connection is closed without an answer. */
  close?: true;
}

export interface RunningServer {
  /** Without a slash at the end, as `http://127.0.0.1:41234`. */
  url: string;
  close(): Promise<void>;
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** Serves plain HTTP on loopback; an exception of `answer` is a 500 and a line on stderr, never silence. */
export async function serveHttp(port: number, answer: (request: Incoming) => Reply): Promise<RunningServer> {
  const server = createServer((request, response) => {
    respond(request, response, answer).catch((error: unknown) => fail(response, error));
  });
  const url = await listen(server, port, 'http');
  return {
    url,
    close: () => {
      server.closeAllConnections();
      return closed(server);
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: Incoming) => Reply,
): Promise<void> {
  const body = await readBody(request, BODY_BYTES_MAX);
  const reply =
    body === undefined
      ? { status: 413, body: `At most ${BODY_BYTES_MAX} bytes are read.` }
      : answer(incoming(request, body));
  if (reply.close) response.destroy();
  else response.writeHead(reply.status, reply.headers).end(reply.body);
}

function incoming(request: IncomingMessage, body: Buffer): Incoming {
  const url = new URL(request.url ?? '/', `http://${LOOPBACK}`);
  return {
    method: request.method ?? 'GET',
    segments: pathSegments(url.pathname),
    query: url.searchParams,
    headers: request.headers,
    body: body.toString('utf8'),
  };
}

export function pathSegments(pathname: string): string[] {
  return pathname
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment);
}

/** A stray `%` is part of no id, so it may stand for itself instead of failing the request. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Undefined when there is more than `bytesMax`; what came after is read to its end and thrown away. */
export async function readBody(stream: AsyncIterable<Buffer>, bytesMax: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes <= bytesMax) chunks.push(chunk);
  }
  return bytes <= bytesMax ? Buffer.concat(chunks) : undefined;
}

function fail(response: ServerResponse, error: unknown): void {
  console.error('A stand-in failed:', error);
  if (response.headersSent) response.destroy();
  else response.writeHead(500).end('The stand-in failed; its error is on stderr.');
}

/** Listens on loopback and gives the URL; a taken port is one sentence. */
export async function listen(server: Server, port: number, scheme: 'http' | 'https'): Promise<string> {
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(port, LOOPBACK, listening.resolve);
  try {
    await listening.promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new StartFailure(
      `Port ${port} of ${LOOPBACK} is taken: stop what listens there or choose another.`,
      {
        cause: error,
      },
    );
  }
  return `${scheme}://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
}

export function closed(server: Server): Promise<void> {
  const done = Promise.withResolvers<void>();
  server.close((error) => (error ? done.reject(error) : done.resolve()));
  return done.promise;
}
