/**
 * CloudFront Functions (runtime 2.0): JavaScript that sees a viewer's request, or the response to it, and
 * answers with the one to go on with.
 * Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
import { randomUUID } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import type { Header, Request, Response } from '../http/message.ts';
import type { DistributionSpec } from '../resources/distributions.ts';

interface Value {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}
interface Values {
  readonly [name: string]: Value;
}

interface EdgeRequest {
  readonly method: string;
  readonly uri: string;
  readonly querystring: Values;
  readonly headers: Values;
  readonly cookies: Values;
}

interface EdgeResponse {
  readonly statusCode: number;
  readonly statusDescription?: string;
  readonly headers?: Values;
  readonly cookies?: { readonly [name: string]: Value & { readonly attributes?: string } };
  readonly body?: string | { readonly encoding: 'text' | 'base64'; readonly data: string };
}

export interface EdgeFunction {
  /** Either the request to go on with, or the response to give instead. */
  onRequest(request: Request): Promise<{ request: Request } | { response: Response }>;
  /** The response to go on with. The body of an origin's response cannot be seen or changed. */
  onResponse(request: Request, response: Response): Promise<Response>;
}

/** A function may compute for less than a millisecond when deployed; this only ends one that never would. */
const COMPUTE_MS_MAX = 1_000;

export function createEdgeFunction(code: string, distribution: DistributionSpec): EdgeFunction {
  const sandbox = { console: { log: () => undefined } };
  const handler: unknown = runInNewContext(`${code}\n;handler`, sandbox, { timeout: COMPUTE_MS_MAX });
  if (typeof handler !== 'function')
    throw new TypeError('A CloudFront function must define a function "handler".');
  const handle = handler as (event: unknown) => unknown;

  async function run(eventType: string, request: Request, response?: Response): Promise<unknown> {
    const event = {
      version: '1.0',
      context: {
        distributionDomainName: distribution.domain,
        distributionId: distribution.id,
        eventType,
        requestId: randomUUID(),
      },
      viewer: { ip: request.sourceIp },
      request: edgeRequest(request),
      ...(response && { response: { statusCode: response.status, headers: values(response.headers) } }),
    };
    return handle(structuredClone(event));
  }

  return {
    async onRequest(request) {
      const result = (await run('viewer-request', request)) as EdgeRequest | EdgeResponse;
      return 'statusCode' in result
        ? { response: responseOf(result, Buffer.alloc(0)) }
        : { request: requestOf(result, request) };
    },
    async onResponse(request, response) {
      return responseOf((await run('viewer-response', request, response)) as EdgeResponse, response.body);
    },
  };
}

function edgeRequest(request: Request): EdgeRequest {
  const cookies = request.headers
    .filter(([name]) => name === 'cookie')
    .flatMap(([, value]) => value.split(/;\s*/))
    .map((cookie): Header => [cookie.split('=')[0] ?? '', cookie.slice(cookie.indexOf('=') + 1)]);
  return {
    method: request.method,
    uri: request.path,
    querystring: values(request.query === '' ? [] : request.query.split('&').map(pair)),
    headers: values(request.headers.filter(([name]) => name !== 'cookie')),
    cookies: values(cookies),
  };
}

/** Query parameters reach the function as they were sent, still percent-encoded. */
function pair(text: string): Header {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function values(headers: readonly Header[]): Values {
  const grouped = Map.groupBy(headers, ([name]) => name);
  return Object.fromEntries(
    [...grouped].map(([name, entries]) => {
      const all = entries.map(([, value]) => ({ value }));
      return [name, { value: all.at(-1)?.value ?? '', ...(all.length > 1 ? { multiValue: all } : {}) }];
    }),
  );
}

function pairs(map: Values | undefined): Header[] {
  return Object.entries(map ?? {}).flatMap(([name, { value, multiValue }]) =>
    (multiValue ?? [{ value }]).map((entry): Header => [name.toLowerCase(), entry.value]),
  );
}

function requestOf(result: EdgeRequest, original: Request): Request {
  const cookies = Object.entries(result.cookies ?? {}).map(([name, { value }]) => `${name}=${value}`);
  const query = Object.entries(result.querystring ?? {}).flatMap(([name, { value, multiValue }]) =>
    (multiValue ?? [{ value }]).map((entry) => (entry.value === '' ? name : `${name}=${entry.value}`)),
  );
  return {
    ...original,
    method: result.method,
    path: result.uri,
    query: query.join('&'),
    headers: [
      ...pairs(result.headers),
      ...(cookies.length > 0 ? [['cookie', cookies.join('; ')] as const] : []),
    ],
  };
}

function responseOf(result: EdgeResponse, originalBody: Buffer): Response {
  const cookies = Object.entries(result.cookies ?? {}).map(
    ([name, { value, attributes }]): Header => [
      'set-cookie',
      `${name}=${value}${attributes === undefined ? '' : `; ${attributes}`}`,
    ],
  );
  const { body } = result;
  const own =
    typeof body === 'string'
      ? Buffer.from(body)
      : body && Buffer.from(body.data, body.encoding === 'base64' ? 'base64' : 'utf8');
  return {
    status: result.statusCode,
    headers: [...pairs(result.headers), ...cookies],
    body: own ?? originalBody,
  };
}
