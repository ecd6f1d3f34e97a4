/**
 * Confirming a contact: the link in a message opens this page with a code, and a button uses it. Nothing is done
 * without it being pressed, since the scanners of mailboxes open links and run pages.
 */
import { useEffect, useState } from 'preact/hooks';
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import type { Speech } from '../shared/language.ts';
import { isMadeHere, rememberMade } from '../shared/made.ts';
import { words } from '../shared/words/index.ts';
import { askForLink, type Confirmed, confirm } from './profile.ts';

/** The code in the address's fragment, `#confirm=CODE`. */
export function codeIn(hash: string): string | null {
  return /^#confirm=([\w.~-]{1,500})$/.exec(hash)?.[1] ?? null;
}

interface ConfirmProps {
  readonly card: CardAnswer;
  readonly speech: Speech;
  readonly endpoint: string;
}

export function Confirm(props: ConfirmProps) {
  const [code, setCode] = useState(() => codeIn(location.hash));
  const [outcome, setOutcome] = useState<Confirmed | null>(null);
  const [isMine] = useState(() => isMadeHere(location.href));
  const say = words[props.speech.language].confirm;

  // A link that is opened where its card is shown already changes the fragment alone.
  useEffect(() => {
    const look = () => {
      const given = codeIn(location.hash);
      if (given === null) return;
      setOutcome(null);
      setCode(given);
    };
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);

  async function use(used: string, keepsCard: boolean): Promise<void> {
    const result = await confirm(props.endpoint, used, keepsCard);
    setOutcome(result);
    if (result.kind === 'failed') return;
    setCode(null);
    // The code is used: it is not to stay in the address, nor in what is shared of it.
    history.replaceState(null, '', location.pathname);
    if (result.kind === 'confirmed') rememberMade(result.cardUrl);
    if (result.kind === 'confirmed' && result.cardUrl !== location.href) location.assign(result.cardUrl);
  }

  return (
    <>
      <p class={outcome ? 'note' : 'visually-hidden'} role="status">
        {outcome?.kind === 'confirmed' && `${say.done}${outcome.isCodeUnknown ? ` ${say.referral}` : ''}`}
        {outcome?.kind === 'expired' && say.expired}
        {outcome?.kind === 'failed' && words[props.speech.language].ask.failed}
      </p>
      {code === null ? (
        outcome?.kind !== 'confirmed' && <Waiting {...props} />
      ) : (
        <section class="ask" aria-labelledby="confirm">
          <h2 id="confirm">{say.heading}</h2>
          <p class="soft">{isMine ? say.hint : say.unsure}</p>
          <p class="ask-ends">
            <button class="button" type="button" onClick={() => void use(code, true)}>
              {isMine ? say.button : say.mine}
            </button>
            {!isMine && (
              <button class="button button-quiet" type="button" onClick={() => void use(code, false)}>
                {say.own}
              </button>
            )}
          </p>
        </section>
      )}
    </>
  );
}

/** What waits for a contact that nobody has confirmed yet, and the way to another link. */
function Waiting({ card: { profile }, speech, endpoint }: ConfirmProps) {
  const say = words[speech.language].confirm;
  const [isAsked, setAsked] = useState(false);
  if (profile.unconfirmed.length === 0) return null;
  return (
    <div class="note waiting-link">
      <p>
        {say.pending} {profile.mustConfirm && say.mustConfirm}
      </p>
      <p role="status">{isAsked && say.resent}</p>
      {!isAsked && (
        <button
          class="button button-quiet"
          type="button"
          onClick={() => void askForLink(endpoint).then((isTaken) => setAsked(isTaken))}
        >
          {say.resend}
        </button>
      )}
    </div>
  );
}
