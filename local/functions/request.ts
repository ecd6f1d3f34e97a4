/**
 * `http.request` for what a function's thread serves to its function by itself: the request's headers and body go to
 * what serves it as they are, and its answer comes back as a response, without a connection, or HTTP's text, between.
 * Those took a quarter of all that a request of the SDK cost.
 */
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Readable, Writable } from 'node:stream';

export interface Asked {
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface Answered {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer;
}

export type Serve = (asked: Asked) => Answered;

type Request = typeof http.request;

/**
 * What takes the place of `http.request`.
 * @param serverOf what serves a host; undefined for all that goes out as ever
 */
export function requestWithin(
  serverOf: (host: string) => Serve | undefined,
  outside = http.request,
): Request {
  const request = (...given: readonly unknown[]): ClientRequest => {
    const { url, options, callback } = readArguments(given);
    const serve = serverOf(url?.hostname ?? options.hostname ?? options.host ?? '');
    if (!serve) return Reflect.apply(outside, http, given) as ClientRequest;
    const asking: unknown = new Asking(serve, options.headers ?? {}, callback);
    return asking as ClientRequest;
  };
  return request as Request;
}

type Callback = (response: IncomingMessage) => void;

/** Source: https://nodejs.org/docs/latest-v24.x/api/http.html, http.request */
function readArguments([first, ...rest]: readonly unknown[]) {
  const isUrl = typeof first === 'string' || first instanceof URL;
  const options = (isUrl ? rest : [first]).find((one) => typeof one === 'object');
  const callback = rest.find((one) => typeof one === 'function') as Callback | undefined;
  return {
    url: isUrl ? new URL(first) : undefined,
    options: (options ?? {}) as RequestOptions,
    callback,
  };
}

/** A connection that there is not: whatever is asked of it has been done. */
const connected = {
  connecting: false,
  setKeepAlive: () => connected,
  setNoDelay: () => connected,
  setTimeout: () => connected,
  on: () => connected,
  once: () => connected,
  removeListener: () => connected,
  destroy: () => connected,
};

class Asking extends Writable {
  readonly socket = connected;
  readonly #serve: Serve;
  readonly #headers: NonNullable<RequestOptions['headers']>;
  readonly #chunks: Buffer[] = [];

  constructor(serve: Serve, headers: NonNullable<RequestOptions['headers']>, callback: Callback | undefined) {
    super();
    this.#serve = serve;
    this.#headers = headers;
    if (callback) this.once('response', callback);
  }

  setTimeout(): this {
    return this;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  /** Like an answer that comes over a network, it is there only after whoever asks has gone on. */
  override _final(done: (error?: Error) => void): void {
    process.nextTick(() => {
      if (this.destroyed) return;
      try {
        this.emit(
          'response',
          new Response(this.#serve({ headers: named(this.#headers), body: this.#body() })),
        );
        done();
      } catch (error) {
        done(error as Error);
      }
    });
  }

  #body(): Buffer {
    const [first] = this.#chunks;
    return first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
  }
}

function named(headers: NonNullable<RequestOptions['headers']>): Map<string, string> {
  return new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

class Response extends Readable {
  readonly statusCode: number;
  readonly headers: Answered['headers'];
  readonly complete = true;
  readonly #body: Buffer;

  constructor({ status, headers, body }: Answered) {
    super();
    this.statusCode = status;
    this.headers = { ...headers, 'content-length': String(body.length) };
    this.#body = body;
  }

  override _read(): void {
    this.push(this.#body);
    this.push(null);
  }
}
