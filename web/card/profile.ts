/** What is missing of a member, and the requests that give it: see the card's `profile` in core/contract/shapes. */
import type { CardAnswer } from '../../core/contract/shapes/card.ts';

export const questions = ['name', 'birthday', 'email', 'phone', 'consents'] as const;
export type Question = (typeof questions)[number];

export type Profile = CardAnswer['profile'];

export type Given = 'saved' | 'wrong' | 'failed';

/** What somebody says to a question; to the one for consents, that they agree. */
export function bodyOf(question: Question, text: string, { missing }: Profile): object {
  if (question !== 'consents') return { [question]: text.trim() };
  return { consents: { [missing.includes('email') ? 'sms' : 'email']: true } };
}

/** Sends one answer. Never throws. What was given meanwhile elsewhere is given. */
export async function give(endpoint: string, body: object): Promise<Given> {
  const response = await send(`${endpoint}/profile`, 'PATCH', body);
  if (response?.ok || response?.status === 409) return 'saved';
  return response?.status === 400 ? 'wrong' : 'failed';
}

export type Confirmed =
  | { readonly kind: 'confirmed'; readonly cardUrl: string; readonly isCodeUnknown: boolean }
  | { readonly kind: 'expired' }
  | { readonly kind: 'failed' };

/**
 * Confirms a contact by the code of the link in a message. Never throws.
 * @param keepsCard whether whoever confirms made the card themselves
 */
export async function confirm(endpoint: string, code: string, keepsCard: boolean): Promise<Confirmed> {
  const response = await send(`${endpoint}/confirm`, 'POST', { code, keepsCard });
  if (response?.ok) {
    const { cardUrl, referral } = (await response.json()) as { cardUrl: string; referral?: string };
    return { kind: 'confirmed', cardUrl, isCodeUnknown: referral === 'unknown' };
  }
  const isOver = response !== undefined && response.status >= 400 && response.status < 500;
  return isOver ? { kind: 'expired' } : { kind: 'failed' };
}

/** Asks for the link once more: whether it goes out now is not said. */
export async function askForLink(endpoint: string): Promise<boolean> {
  return (await send(`${endpoint}/link`, 'POST', {}))?.ok ?? false;
}

const patienceMs = 20_000;

async function send(address: string, method: string, body: object): Promise<Response | undefined> {
  try {
    return await fetch(address, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
  } catch {
    return undefined;
  }
}

const kept = 'skipped';

/** The questions that a member has put off on this device: none of them is asked here again. */
export function skippedBy(memberId: string): readonly string[] {
  try {
    const all = JSON.parse(localStorage.getItem(kept) ?? '{}') as Record<string, unknown>;
    const own = Object.hasOwn(all, memberId) ? all[memberId] : [];
    return Array.isArray(own) ? own.map(String) : [];
  } catch {
    return [];
  }
}

export function skip(memberId: string, question: Question): void {
  try {
    localStorage.setItem(kept, JSON.stringify({ [memberId]: [...skippedBy(memberId), question] }));
  } catch {
    // Then it is put off for this visit.
  }
}
