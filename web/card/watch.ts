/**
 * Keeps asking for one card while somebody looks at it. `GET /v1/cards/{token}` answers 304 as long as
 * nothing changed, so asking often costs next to nothing; and of several windows on one card one asks for all.
 */
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { delayAfter, type News } from './state.ts';

const patienceMs = 10_000;
/** A window that another one has told waits longer than that one does, so that it asks only once that one is gone. */
const listenersWait = 1.5;

/**
 * Tells what each answer says, first one at once. Asks while the page is visible only, and at once when it
 * becomes visible, gets the focus or the network back. Stops by itself at a card that does not exist.
 * @param asked what every request says beside the version, as a query
 * @returns a function that stops it.
 */
export function watchCard(endpoint: string, asked: string, tell: (news: News) => void): () => void {
  const stopped = new AbortController();
  const windows = new BroadcastChannel(`card ${endpoint}?${asked}`);
  let tag: string | null = null;
  let version: number | undefined;
  let failures = 0;
  let same = 0;
  let asking = false;
  let timer: number | undefined;

  function askAfter(milliseconds: number): void {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, milliseconds);
  }

  function take({ news, tag: newTag }: Answer): void {
    failures = news.kind === 'unreachable' ? failures + 1 : 0;
    same = news.kind === 'same' ? same + 1 : 0;
    tag = newTag ?? tag;
    if (news.kind === 'card') version = news.card.version;
    tell(news);
  }

  async function ask(): Promise<void> {
    window.clearTimeout(timer);
    if (asking || stopped.signal.aborted || document.visibilityState === 'hidden') return;
    asking = true;
    // Many windows that show the same version are told from the edge, some seconds old at most.
    const answer = await read(
      addressOf(endpoint, [asked, version === undefined ? '' : `version=${version}`]),
      tag,
    );
    asking = false;
    if (stopped.signal.aborted) return;
    take(answer);
    if (answer.news.kind === 'unknown') return stop();
    if (answer.news.kind !== 'unreachable') windows.postMessage({ ...answer, tag } satisfies Answer);
    askAfter(delayAfter(failures, same));
  }

  /** Somebody looks, perhaps since something has just happened: what was quiet before says nothing. */
  function askNow(): void {
    same = 0;
    void ask();
  }

  function stop(): void {
    stopped.abort();
    windows.close();
    window.clearTimeout(timer);
  }

  const listening = { signal: stopped.signal };
  document.addEventListener('visibilitychange', askNow, listening);
  for (const event of ['focus', 'pageshow', 'online']) window.addEventListener(event, askNow, listening);
  window.addEventListener('offline', () => tell({ kind: 'unreachable' }), listening);
  windows.addEventListener(
    'message',
    ({ data }: MessageEvent<Answer>) => {
      // That nothing is new says so only to who has the same.
      if (data.news.kind === 'same' && data.tag !== tag) return;
      take(data);
      if (!asking) askAfter(delayAfter(failures, same) * listenersWait);
    },
    listening,
  );
  askNow();
  return stop;
}

function addressOf(endpoint: string, query: readonly string[]): string {
  const said = query.filter((part) => part !== '').join('&');
  return said === '' ? endpoint : `${endpoint}?${said}`;
}

interface Answer {
  readonly news: News;
  readonly tag?: string | null;
}

/** `no-store` keeps the browser's cache out of it: the tag sent and the 304 seen are this page's own. */
async function read(address: string, tag: string | null): Promise<Answer> {
  try {
    const response = await fetch(address, {
      cache: 'no-store',
      headers: tag === null ? {} : { 'if-none-match': tag },
      signal: AbortSignal.timeout(patienceMs),
    });
    if (response.status === 304) return { news: { kind: 'same' } };
    if (response.status === 404) return { news: { kind: 'unknown' } };
    if (!response.ok) return { news: { kind: 'unreachable' } };
    const card = (await response.json()) as CardAnswer;
    return { news: { kind: 'card', card }, tag: response.headers.get('etag') };
  } catch {
    return { news: { kind: 'unreachable' } };
  }
}
