/**
 * What CloudFront keeps at its edge: answers that say themselves for how long, under their path and query, as far as
 * the behaviour's policy lets it.
 * Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
 */
import type { Origin } from '../http/gateway.ts';
import { header, type Request, type Response } from '../http/message.ts';

const ENTRIES_MAX = 1_000;

export type EdgeCache = (request: Request, keptSecondsMax: number, ask: Origin) => Promise<Response>;

/** @param clock milliseconds */
export function createEdgeCache(clock: () => number): EdgeCache {
  const kept = new Map<string, { readonly response: Response; readonly until: number }>();
  return async (request, keptSecondsMax, ask) => {
    if (keptSecondsMax === 0 || request.method !== 'GET') return ask(request);
    const name = `${request.path}?${request.query}`;
    const found = kept.get(name);
    if (found && clock() < found.until) return asAsked(request, found.response);
    kept.delete(name);
    // The edge asks for the whole, and tells by itself whether the viewer has it.
    const headers = request.headers.filter(([known]) => known !== 'if-none-match');
    const response = await ask({ ...request, headers });
    const seconds = Math.min(secondsOf(response), keptSecondsMax);
    if (seconds > 0) {
      for (const oldest of kept.keys()) {
        if (kept.size < ENTRIES_MAX) break;
        kept.delete(oldest);
      }
      kept.set(name, { response, until: clock() + seconds * 1000 });
    }
    return asAsked(request, response);
  };
}

/** For how long an answer says that a shared cache may keep it. */
function secondsOf({ status, headers }: Response): number {
  const control = header(headers, 'cache-control') ?? '';
  if (status !== 200 || /\b(?:no-store|no-cache|private)\b/.test(control)) return 0;
  return Number(/\bs-maxage=(\d+)/.exec(control)?.[1] ?? /\bmax-age=(\d+)/.exec(control)?.[1] ?? 0);
}

function asAsked(request: Request, response: Response): Response {
  const etag = header(response.headers, 'etag');
  if (response.status !== 200 || etag === undefined || header(request.headers, 'if-none-match') !== etag)
    return response;
  const headers = response.headers.filter(([name]) => name !== 'content-type' && name !== 'content-length');
  return { status: 304, headers, body: Buffer.alloc(0) };
}
