/** The member's own referral code, and the link that brings a friend to the join page with it. */
import type { TargetedMouseEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import type { Words } from '../shared/words/index.ts';

interface FriendsProps {
  readonly card: CardAnswer;
  readonly say: Words['card'];
}

export function Friends({ card, say }: FriendsProps) {
  const [copied, setCopied] = useState(false);
  const url = new URL(`/?ref=${encodeURIComponent(card.referralCode)}`, location.href).href;

  /** A device without either way follows the link, which can be passed on from there. */
  function share(event: TargetedMouseEvent<HTMLAnchorElement>): void {
    if (navigator.share !== undefined) {
      event.preventDefault();
      // Who closes the device's own sheet again has changed their mind: there is nothing to say.
      navigator.share({ title: card.programName, url }).catch(() => undefined);
    } else if (navigator.clipboard !== undefined) {
      event.preventDefault();
      navigator.clipboard.writeText(url).then(
        () => setCopied(true),
        () => location.assign(url),
      );
    }
  }

  return (
    <section class="friends" aria-labelledby="friends">
      <h2 id="friends">{say.friends}</h2>
      <p class="soft">{say.friendsHint}</p>
      <div class="friends-row">
        <p class="friends-code">
          <span class="visually-hidden">{`${say.friendsCode} `}</span>
          {card.referralCode}
        </p>
        <a class="friends-share" href={url} onClick={share}>
          {say.share}
        </a>
        <p class="soft" role="status">
          {copied && say.shared}
        </p>
      </div>
    </section>
  );
}
