/** What stands beside the card: tier, points that come, are owed or run out, each in a plain sentence. */
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { formatLastDay, formatNumber, type Speech } from '../shared/language.ts';
import { words } from '../shared/words/index.ts';

interface StandingProps {
  readonly card: CardAnswer;
  readonly speech: Speech;
}

export function Standing(props: StandingProps) {
  return (
    <>
      <Tier {...props} />
      <Remarks {...props} />
    </>
  );
}

function Tier({ card: { tier, timeZone }, speech }: StandingProps) {
  const say = words[speech.language].card;
  const { nextTier } = tier;
  return (
    <div class="tier">
      <p class="tier-head">
        <span class="tier-name">{tier.name}</span>
        {tier.validUntil !== null && (
          <span class="soft">{say.tierUntil(formatLastDay(tier.validUntil, timeZone, speech))}</span>
        )}
      </p>
      {nextTier === null ? (
        <p class="soft">{say.topTier}</p>
      ) : (
        <>
          <progress
            max={tier.qualifyingPoints + nextTier.pointsMissing}
            value={tier.qualifyingPoints}
            aria-label={say.progress(nextTier.name)}
          />
          <p class="soft">{say.toNext(pointsIn(speech)(nextTier.pointsMissing), nextTier.name)}</p>
        </>
      )}
    </div>
  );
}

function Remarks({ card: { balance, expiring, donations, timeZone }, speech }: StandingProps) {
  const say = words[speech.language].card;
  const points = pointsIn(speech);
  const soonest = expiring[0];
  const remarks = [
    soonest && {
      title: say.expiring(points(soonest.points)),
      detail: say.expiringHint(formatLastDay(soonest.at, timeZone, speech)),
    },
    balance.pending !== 0 && { title: say.pending(points(balance.pending)), detail: say.pendingHint },
    balance.held !== 0 && { title: say.held(points(balance.held)), detail: say.heldHint },
    balance.debt !== 0 && { title: say.debt(points(balance.debt)), detail: say.debtHint },
    ...donations
      .filter((cause) => cause.points > 0)
      .map((cause) => ({ title: say.donated(points(cause.points)), detail: cause.name })),
  ].filter((remark) => typeof remark === 'object');
  if (remarks.length === 0) return null;
  return (
    <ul class="remarks">
      {remarks.map(({ title, detail }) => (
        <li key={title}>
          <strong>{title}</strong>
          <span class="soft">{detail}</span>
        </li>
      ))}
    </ul>
  );
}

/** `1 250 points`, with the number and the plural of the language. */
export function pointsIn(speech: Speech): (count: number) => string {
  const { points } = words[speech.language].card;
  return (count) => points(count, formatNumber(count, speech));
}
