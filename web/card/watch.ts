/**
 * Keeps asking for one card while somebody looks at it. `GET /v1/cards/{token}` answers 304 as long as
 * nothing changed, so asking often costs next to nothing.
 */
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { delayAfter, type News } from './state.ts';

const patienceMs = 10_000;

/**
 * Tells what each answer says, first one at once. Asks while the page is visible only, and at once when it
 * becomes visible, gets the focus or the network back. Stops by itself at a card that does not exist.
 * @returns a function that stops it.
 */
export function watchCard(endpoint: string, tell: (news: News) => void): () => void {
  const stopped = new AbortController();
  let tag: string | null = null;
  let failures = 0;
  let asking = false;
  let timer: number | undefined;

  async function ask(): Promise<void> {
    window.clearTimeout(timer);
    if (asking || stopped.signal.aborted || document.visibilityState === 'hidden') return;
    asking = true;
    const answer = await read(endpoint, tag);
    asking = false;
    if (stopped.signal.aborted) return;
    failures = answer.news.kind === 'unreachable' ? failures + 1 : 0;
    tag = answer.tag ?? tag;
    if (answer.news.kind === 'unknown') stopped.abort();
    tell(answer.news);
    timer = window.setTimeout(askNow, delayAfter(failures));
  }
  const askNow = () => void ask();

  const listening = { signal: stopped.signal };
  document.addEventListener('visibilitychange', askNow, listening);
  for (const event of ['focus', 'pageshow', 'online']) window.addEventListener(event, askNow, listening);
  window.addEventListener('offline', () => tell({ kind: 'unreachable' }), listening);
  askNow();
  return () => {
    stopped.abort();
    window.clearTimeout(timer);
  };
}

interface Answer {
  readonly news: News;
  readonly tag?: string | null;
}

/** `no-store` keeps the browser's cache out of it: the tag sent and the 304 seen are this page's own. */
async function read(endpoint: string, tag: string | null): Promise<Answer> {
  try {
    const response = await fetch(endpoint, {
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
