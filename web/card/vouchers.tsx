/** What the member can use now: each voucher with the code that a till takes, soonest to expire first. */
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { formatMoment, type Speech } from '../shared/language.ts';
import { words } from '../shared/words/index.ts';

interface VouchersProps {
  readonly card: CardAnswer;
  readonly speech: Speech;
}

export function Vouchers({ card, speech }: VouchersProps) {
  const say = words[speech.language].card;
  if (card.vouchers.length === 0) return null;
  return (
    <section class="vouchers" aria-labelledby="vouchers">
      <h2 id="vouchers">{say.vouchers}</h2>
      <p class="soft">{say.vouchersHint}</p>
      <ul>
        {card.vouchers.map(({ code, name, expiresAt }) => (
          <li class="voucher" key={code}>
            <p>
              <strong>{name}</strong>
              {expiresAt !== null && (
                <span class="soft below">
                  {say.voucherUntil(formatMoment(expiresAt, card.timeZone, speech))}
                </span>
              )}
            </p>
            <p class="voucher-code">
              <span class="visually-hidden">{`${say.voucherCode} `}</span>
              {grouped(code)}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** As it is read out: 7K2M 9QWE RTY4B. Tills take it with or without the blanks. */
function grouped(code: string): string {
  return [code.slice(0, 4), code.slice(4, 8), code.slice(8)].join('\u00a0');
}
