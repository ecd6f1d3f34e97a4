/** Switches that operators throw: redemptions stop, earning goes on. */
import { utc } from '../../core/contract/shapes/basics.ts';
import type { LedgerContext } from '../store/context.ts';
import { decideOnce, type Once, outcomeOf, type Reply } from '../store/idempotency.ts';
import { fromItem, keys, type Switch, toItem } from '../store/items.ts';
import { asRead, type Write } from '../store/store.ts';
import { auditWrite, type Operator } from './audit.ts';

export const redemptionSwitch = 'redemption';

export async function getSwitch(context: LedgerContext, name: string): Promise<Switch | undefined> {
  const item = await context.store.get(keys.switch(name));
  return item && fromItem(item, 'switch');
}

interface Wanted {
  readonly name: string;
  readonly paused: boolean;
  readonly reason: string | null;
}

/** Throws a switch, and remembers who did and why. */
export async function setSwitch(
  context: LedgerContext,
  wanted: Wanted,
  operator: Operator,
  now: number,
): Promise<Switch> {
  return outcomeOf<Switch>((reply) => setSwitchOnce(context, wanted, operator, reply, now));
}

/** The same, once for a key: a repeat does not throw back what somebody has thrown since. */
export async function setSwitchOnce(
  context: LedgerContext,
  { name, paused, reason }: Wanted,
  operator: Operator,
  reply: Reply<Switch>,
  now: number,
): Promise<Once> {
  return decideOnce(context, `Setting the switch ${name}`, reply.once, now, async () => {
    const before = await getSwitch(context, name);
    const revision = (before?.revision ?? 0) + 1;
    const after = { name, paused, reason, changedAt: utc(now), changedBy: operator.keyId, revision };
    const done = { action: paused ? 'pause' : 'resume', subject: `switch ${name}`, reason };
    const put: Write = {
      put: toItem(keys.switch(name), 'switch', after),
      if: asRead(before),
    };
    return { answer: reply.answer(after), writes: [put, auditWrite(context, operator, done, now)] };
  });
}
