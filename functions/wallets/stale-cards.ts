/**
 * Cards that were left behind: a wallet was not told of the newest version, and nothing is under way. However that
 * came about (an event that was lost, a dead letter that was dismissed, a phone that Apple refused), the newest entry
 * is announced again, and everybody who has it already finds nothing to do.
 */
import type { MemberId } from '../../core/contract/ids.ts';
import {
  getEntry,
  type LedgerContext,
  LedgerUnavailable,
  type StaleCard,
  staleCard,
  thoseListed,
  throughPartitions,
  walletHolderPartitions,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { toEvents } from '../kit/ledger-events.ts';

/** What is younger is on its way: a queue tries for half an hour before it gives up. */
const patienceMs = 60 * 60_000;
/**
 * About as many are announced again in one night, at most. Where more were left behind, the cause is still there (a
 * wallet without credentials, say), and announcing them all would fill the dead letters; every one of them is counted.
 */
const announcedMax = 1000;

type Given = Pick<Deps, 'bus' | 'logger'>;

export function staleCardsWalk(given: Given, announceMax = announcedMax) {
  const partitions = walletHolderPartitions();
  // Shards are gone through side by side, each with its share.
  const share = Math.ceil(announceMax / partitions.length);
  return throughPartitions({
    name: 'stale-cards',
    isList: false,
    memberOf: (sk) => sk as MemberId,
    partitions: ({ context }, { to: day }) =>
      thoseListed(
        context,
        partitions.map((pk) => ({ pk, day })),
      ),
    handle: async ({ context, now }, { sk }, { counted }) => {
      const card = await staleCard(context, sk as MemberId, now - patienceMs);
      if (!card) return { counted: {} };
      if ((counted?.['announced'] ?? 0) >= share) return { counted: { stale: 1 } };
      given.logger.warn('A card was left behind', { ...card });
      await announce(given, context, card);
      return { counted: { stale: 1, announced: 1 } };
    },
  });
}

async function announce(
  { bus }: Given,
  context: LedgerContext,
  { memberId, version }: StaleCard,
): Promise<void> {
  const entry = await getEntry(context, memberId, version);
  const taken = entry ? await bus.put(toEvents(entry)) : [];
  // It is the bus that did not answer, and no fault of this card's.
  if (!taken.every(Boolean))
    throw new LedgerUnavailable('unknown', `Announcing the newest entry of ${memberId}`);
}
