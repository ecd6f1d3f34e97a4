/** What phones log about our passes: anybody may write it, so it is bounded, and it is kept for a month. */
import { utc } from '../../core/contract/shapes/basics.ts';
import type { LedgerContext } from '../store/context.ts';
import { commit } from '../store/decide.ts';
import { type AppleLog, fromItem, keys, toItem } from '../store/items.ts';

const daysKept = 30;
const dayMs = 86_400_000;
/** What is kept of one request: a phone that goes on about one fault says nothing new. */
const messagesMax = 20;
const messageCharactersMax = 1000;

/** The lines that are kept of those that a phone sent: well-formed, and what was left out is said. */
export function keptMessages(messages: readonly string[]): string[] {
  const kept = messages.slice(0, messagesMax).map((message) => {
    const text = message.slice(0, messageCharactersMax).toWellFormed();
    return message.length > messageCharactersMax ? `${text} …` : text;
  });
  const more = messages.length - messagesMax;
  return more > 0 ? [...kept, `(${more} more were not kept)`] : kept;
}

export async function keepAppleLog(
  context: LedgerContext,
  messages: readonly string[],
  now: number,
): Promise<void> {
  const kept = keptMessages(messages);
  if (kept.length === 0) return;
  const at = utc(now);
  const ttl = Math.floor(now / 1000) + (daysKept * dayMs) / 1000;
  const request = context.ulid(now);
  await commit(
    context,
    "Keeping a phone's log",
    kept.map((message, index) => ({
      // The lines of one request stay in their order.
      put: toItem(
        keys.appleLog(dayOf(now), `${request}#${String(index).padStart(2, '0')}`),
        'appleLog',
        { at, message },
        ttl,
      ),
    })),
  );
}

/** The log, newest first, day by day. `after` is the `next` of the page before. */
export async function listAppleLog(
  context: LedgerContext,
  { limit, after }: { readonly limit: number; readonly after?: string },
  now: number,
): Promise<{ items: AppleLog[]; next: string | null }> {
  const [, from = dayOf(now), position] = /^([0-9-]{10})#(.*)$/.exec(after ?? '') ?? [];
  const items: AppleLog[] = [];
  for (let at = Date.parse(from); at >= now - (daysKept + 1) * dayMs; at -= dayMs) {
    const day = dayOf(at);
    const page = await context.store.query(keys.appleLog(day, '').pk, {
      prefix: '',
      descending: true,
      limit: limit - items.length,
      // Their keys begin with the time: what comes behind this one on its day does so on the days before.
      ...(position === undefined ? {} : { after: position }),
    });
    items.push(...page.map((item) => fromItem(item, 'appleLog')));
    const last = page.at(-1);
    if (items.length === limit && last) return { items, next: `${day}#${last.sk}` };
  }
  return { items, next: null };
}

function dayOf(epochMs: number): string {
  return utc(epochMs).slice(0, 10);
}
