/** The public address: one HTTP server in front of the distribution and the local run's own routes. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { BODY_BYTES_MAX } from './gateway.ts';
import type { Header, Request, Response } from './message.ts';
import { closeServer, listen, readBody } from './node.ts';

export interface PublicServer {
  readonly port: number;
  /** Hands requests to `answer` from now on; before, they are told to come back. */
  serve(answer: (request: Request) => Promise<Response>): void;
  /** Takes no more requests, and waits for those that are being answered. */
  close(): Promise<void>;
  /** Ends what is still open. */
  abort(): void;
}

/** Binds the port at once, so that a taken one is known before anything slow is done. */
export async function openServer(port: number, warn: (message: string) => void): Promise<PublicServer> {
  let answer: ((request: Request) => Promise<Response>) | undefined;
  let closing = false;
  const server: Server = createServer((incoming, outgoing) => {
    // A connection that stayed open after its answer would keep a closing server waiting.
    outgoing.on('prefinish', () => {
      if (closing) outgoing.shouldKeepAlive = false;
    });
    void reply(incoming, outgoing, answer, warn);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const bound = await listen(server, port);
  return {
    port: bound,
    serve(next) {
      answer = next;
    },
    close() {
      closing = true;
      return closeServer(server);
    },
    abort: () => server.closeAllConnections(),
  };
}

/** Longer than clients keep idle connections, so that none writes into one that is just being closed. */
const KEEP_ALIVE_MS = 75_000;

async function reply(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: ((request: Request) => Promise<Response>) | undefined,
  warn: (message: string) => void,
): Promise<void> {
  try {
    const request = await requestOf(incoming);
    const response = answer ? await answer(request) : STARTING;
    send(outgoing, request.method, response);
  } catch (error) {
    if (incoming.destroyed && !incoming.complete) return; // The viewer hung up; there is nobody to answer.
    warn(`A request failed inside the local run: ${error instanceof Error ? error.stack : String(error)}`);
    send(outgoing, 'GET', { status: 502, headers: [], body: Buffer.alloc(0) });
  }
}

const STARTING: Response = {
  status: 503,
  headers: [['retry-after', '1']],
  body: Buffer.from('Philia is starting.\n'),
};

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const url = incoming.url ?? '/';
  const at = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? '' : url.slice(at + 1),
    headers: headersOf(incoming.rawHeaders),
    body: await readBody(incoming, BODY_BYTES_MAX),
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
  };
}

function headersOf(raw: readonly string[]): Header[] {
  const headers: Header[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    headers.push([(raw[index] ?? '').toLowerCase(), raw[index + 1] ?? '']);
  }
  return headers;
}

/** Headers that belong to one connection and are this server's to set. */
const CONNECTION_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);

function send(outgoing: ServerResponse, method: string, { status, headers, body }: Response): void {
  for (const [name, value] of headers) {
    if (!CONNECTION_HEADERS.has(name)) outgoing.appendHeader(name, value);
  }
  outgoing.statusCode = status;
  const bodiless = status === 204 || status === 304;
  if (!bodiless) outgoing.setHeader('content-length', body.length);
  outgoing.end(method === 'HEAD' || bodiless ? undefined : body);
}
