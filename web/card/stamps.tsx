/** Stamp cards, drawn as people know them from paper: a place for each stamp, those that are there filled. */
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import type { Words } from '../shared/words/index.ts';

interface StampsProps {
  readonly card: CardAnswer;
  readonly say: Words['card'];
}

/** Cards with more places than this are told in numbers: nobody counts forty circles. */
const drawnMax = 20;

export function Stamps({ card, say }: StampsProps) {
  if (card.stamps.length === 0) return null;
  return (
    <section class="stamps" aria-labelledby="stamps">
      <h2 id="stamps" class="visually-hidden">
        {say.stamps}
      </h2>
      <ul>
        {card.stamps.map(({ id, name, count, of }) => (
          <li key={id}>
            <p class="stamps-name">
              <strong>{name}</strong>
              <span class="soft below">{say.stampsOf(count, of)}</span>
            </p>
            {of <= drawnMax && (
              <p class="stamps-row" aria-hidden="true">
                {Array.from({ length: of }, (_, place) => (
                  <span class={place < count ? 'stamp stamp-there' : 'stamp'} key={place} />
                ))}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
