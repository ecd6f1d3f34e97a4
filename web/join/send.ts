/** Sending the form: one request to `POST /v1/join`, and what its answer means for the visitor. */
import type { Enrolment } from '../../core/contract/shapes/member.ts';
import { tokenOf } from '../shared/made.ts';

/** The fields that can show an error of their own. */
export type Field = 'name' | 'email' | 'phone' | 'referralCode';
export const fields: readonly Field[] = ['name', 'email', 'phone', 'referralCode'];

export type JoinOutcome =
  | { readonly kind: 'card'; readonly cardUrl: string }
  | { readonly kind: 'refused'; readonly fields: readonly Field[] }
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed' };

const patienceMs = 20_000;

/**
 * Never throws. `failed` covers the network, a server error and an unknown outcome alike: sending the same
 * form again makes one more card, and the link that is sent makes them one.
 */
export async function join(enrolment: Enrolment): Promise<JoinOutcome> {
  try {
    const response = await fetch('/v1/join', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(enrolment),
      signal: AbortSignal.timeout(patienceMs),
    });
    if (response.status === 429) return { kind: 'busy' };
    const body: unknown = await response.json();
    if (response.status === 202) return { kind: 'card', cardUrl: (body as { cardUrl: string }).cardUrl };
    if (response.status === 400) return { kind: 'refused', fields: wrongFields(body) };
    return { kind: 'failed' };
  } catch {
    return { kind: 'failed' };
  }
}

/**
 * Joining takes one contact, the e-mail where both are given: the number is added on the card that there is then. Never
 * throws; where it does not come to it, the card asks for the number.
 */
export async function addPhone(cardUrl: string, { phone }: Enrolment): Promise<void> {
  try {
    await fetch(`/v1/cards/${tokenOf(cardUrl)}/profile`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ phone }),
      signal: AbortSignal.timeout(patienceMs),
    });
  } catch {
    // The card asks for it.
  }
}

/** The API's messages are English, so only the places are taken from the problem; the words are ours. */
function wrongFields(problem: unknown): Field[] {
  const { errors = [] } = problem as { errors?: readonly { path: string }[] };
  return fields.filter((field) => errors.some((error) => error.path === field));
}
