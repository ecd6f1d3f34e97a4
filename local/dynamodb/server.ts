import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { DynamoDbError, errorBody, unreadable } from './errors.ts';
import { type FaultQueue, faultError } from './faults.ts';

/**
 * The wire protocol, AWS JSON 1.0: POST with the operation in `X-Amz-Target`. Signatures are not looked at, and
 * every access key sees the same tables.
 *
 * Source: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */

const BODY_BYTES_MAX = 16 * 1024 * 1024;

export type Call = (target: string, body: unknown) => unknown;

/** What a request is answered, as it goes out. */
export interface Written {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer;
}

export function createEndpoint(call: Call, faults: FaultQueue): Server {
  const server = createServer((request, response) => {
    void serve(request, response, call, faults);
  });
  // Longer than the SDK's own idle sockets live, so that it never writes into one that is being closed.
  server.keepAliveTimeout = 120_000;
  return server;
}

type Answer = { readonly status: number; readonly body: unknown };

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  call: Call,
  faults: FaultQueue,
): Promise<void> {
  const received = await readBody(request);
  if (received === undefined) return;
  const answer = answerTo(String(request.headers['x-amz-target'] ?? ''), received, call, faults);
  if (answer === 'hang') return;
  if (answer === 'drop') {
    request.socket.destroy();
    return;
  }
  const { status, headers, body } = written(answer);
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(body);
}

function written({ status, body: answer }: Answer): Written {
  const body = Buffer.from(JSON.stringify(answer));
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-requestid': randomUUID(),
    'x-amz-crc32': String(crc32(body)),
  };
  return { status, headers, body };
}

/** Answers a request whose body is there, without faults. */
export function answerWhole(call: Call, target: string, body: Buffer): Written {
  try {
    const received = parse(body.length > BODY_BYTES_MAX ? 'too large' : body);
    return written({ status: 200, body: call(target, received) });
  } catch (error) {
    return written(refusalOf(target, error));
  }
}

function refusalOf(target: string, error: unknown): Answer {
  const known = error instanceof DynamoDbError ? error : internalError(target, error);
  return { status: known.status, body: errorBody(known) };
}

function answerTo(
  target: string,
  received: Buffer | 'too large',
  call: Call,
  faults: FaultQueue,
): Answer | 'hang' | 'drop' {
  try {
    const body = parse(received);
    const fault = faults.next(target.slice(target.indexOf('.') + 1));
    if (fault === 'hang') return 'hang';
    const refusal = fault === undefined ? undefined : faultError(fault, body);
    if (refusal !== undefined) throw refusal;
    const result = call(target, body);
    return fault === 'loseAnswer' ? 'drop' : { status: 200, body: result };
  } catch (error) {
    return refusalOf(target, error);
  }
}

/** A defect of the endpoint itself: the client hears what AWS would say, and the operator sees what happened. */
function internalError(target: string, error: unknown): DynamoDbError {
  console.error(`The DynamoDB endpoint failed at ${target}`, error);
  return new DynamoDbError('InternalServerError', 'The request could not be processed', { status: 500 });
}

/** The request's body; undefined where the client went away before its end, and so waits for no answer. */
async function readBody(request: IncomingMessage): Promise<Buffer | 'too large' | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
    }
  } catch (error) {
    if (!request.complete) return undefined;
    throw error;
  }
  return bytes > BODY_BYTES_MAX ? 'too large' : Buffer.concat(chunks);
}

function parse(body: Buffer | 'too large'): unknown {
  if (body === 'too large') {
    const message = `The request is too large: at most ${BODY_BYTES_MAX} bytes are allowed`;
    throw new DynamoDbError('RequestEntityTooLarge', message, { status: 413 });
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch (error) {
    throw unreadable(`The body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export async function listenOn(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
