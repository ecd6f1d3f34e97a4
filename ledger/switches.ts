/** Switches that operators throw: redemptions stop, earning goes on. */
import { utc } from '../core/contract/shapes.ts';
import { auditWrite, type Operator } from './audit.ts';
import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from './context.ts';
import { fromItem, keys, type Switch, toItem } from './items.ts';
import { unavailable } from './members.ts';

export const redemptionSwitch = 'redemption';

export async function getSwitch(context: LedgerContext, name: string): Promise<Switch | undefined> {
  const item = await context.store.get(keys.switch(name));
  return item && fromItem(item, 'switch');
}

/** Throws a switch, and remembers who did and why. */
export async function setSwitch(
  context: LedgerContext,
  wanted: { readonly name: string; readonly paused: boolean; readonly reason: string | null },
  operator: Operator,
  now: number,
): Promise<Switch> {
  const { name, paused, reason } = wanted;
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const before = await getSwitch(context, name);
    const after: Switch = {
      name,
      paused,
      reason,
      changedAt: utc(now),
      changedBy: operator.keyId,
      revision: (before?.revision ?? 0) + 1,
    };
    const outcome = await context.store.transact([
      {
        put: toItem(keys.switch(name), 'switch', after),
        if: before ? { kind: 'unchanged', field: 'revision', value: before.revision } : { kind: 'absent' },
      },
      auditWrite(
        context,
        operator,
        { action: paused ? 'pause' : 'resume', subject: `switch ${name}`, reason },
        now,
      ),
    ]);
    if (outcome.type === 'committed') return after;
    if (outcome.type !== 'refused') throw unavailable(outcome, `Setting the switch ${name}`);
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', `Setting the switch ${name}`);
}
