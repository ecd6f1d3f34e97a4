import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { type Brand, titled } from '../shared/brand.ts';
import { Foot } from '../shared/foot.tsx';
import { formatTime, type Speech } from '../shared/language.ts';
import { Monogram } from '../shared/monogram.tsx';
import { Plate } from '../shared/plate.tsx';
import { useSpeech } from '../shared/speech.ts';
import { Top } from '../shared/top.tsx';
import { words } from '../shared/words/index.ts';
import { Ask } from './ask.tsx';
import { Balance } from './balance.tsx';
import { Barcode } from './barcode.tsx';
import { Confirm } from './confirm.tsx';
import { type Device, deviceOf } from './device.ts';
import { Friends } from './friends.tsx';
import { Looks } from './looks.tsx';
import { Qr } from './qr-later.tsx';
import { Stamps } from './stamps.tsx';
import { pointsIn, Standing } from './standing.tsx';
import { type CardState, initialState, type News, next } from './state.ts';
import { Vouchers } from './vouchers.tsx';
import { WalletBadges } from './wallet.tsx';
import { watchCard } from './watch.ts';

/** Everything below `/card/`: the page, its live regions, and the one card it follows. */
interface CardPageProps {
  readonly token: string | null;
  readonly brand: Brand;
}

export function CardPage({ token, brand }: CardPageProps) {
  const [state, tell] = useReducer(next, token === null ? { ...initialState, exists: false } : initialState);
  const spoken = useSpeech(brand, state.card ? [state.card.locale] : []);
  const { speech, chosen } = spoken;
  useEffect(() => {
    if (token === null) return;
    const ask = chosen === undefined ? '' : `language=${chosen}`;
    return watchCard(`/v1/cards/${token}`, ask, (news: News) => tell({ news, at: Date.now() }));
  }, [token, chosen]);

  const say = words[speech.language].card;
  useEffect(() => {
    document.title = titled(state.exists ? say.title : say.unknownHeading, brand, speech.language);
  }, [speech.language, state.exists]);

  return (
    <div class="page">
      <Top brand={brand} spoken={spoken} name={state.card?.programName} />
      <Connection state={state} speech={speech} />
      <main>
        {state.exists ? (
          <Known state={state} brand={brand} speech={speech} endpoint={`/v1/cards/${token}`} />
        ) : (
          <Unknown speech={speech} name={brand.name[speech.language]} />
        )}
      </main>
      <Foot brand={brand} language={speech.language} />
    </div>
  );
}

/** Both regions are there from the start: a live region that appears together with its text is not read. */
function Connection({ state, speech }: { readonly state: CardState; readonly speech: Speech }) {
  const say = words[speech.language].card;
  const { card, previous } = state;
  const lost = state.exists && !state.reachable;
  const changed = card !== null && previous !== null;
  return (
    <>
      <p class={lost ? 'banner' : 'visually-hidden'} role="status">
        {lost && trouble(state, speech)}
      </p>
      <p class="visually-hidden" aria-live="polite">
        {changed && say.newBalance(pointsIn(speech)(card.balance.available))}
      </p>
    </>
  );
}

function trouble({ card, seenAt }: CardState, speech: Speech): string {
  const say = words[speech.language].card;
  const offline = !navigator.onLine;
  if (card === null || seenAt === null) return offline ? say.offlineEmpty : say.unreachableEmpty;
  const time = formatTime(new Date(seenAt), speech);
  return offline ? say.offline(time) : say.unreachable(time);
}

interface KnownProps {
  readonly state: CardState;
  readonly brand: Brand;
  readonly speech: Speech;
  readonly endpoint: string;
}

function Known({ state, brand, speech, endpoint }: KnownProps) {
  const { card, previous } = state;
  const say = words[speech.language].card;
  const device = deviceOf(navigator.userAgent);
  if (card === null)
    return (
      <div class="waiting">
        <h1 class="visually-hidden">{say.title}</h1>
        <div class="plate plate-empty">
          <p>{state.reachable ? say.loading : ''}</p>
        </div>
      </div>
    );
  const closed = card.status === 'closed';
  return (
    <div class="layout">
      <h1>{card.name === null ? say.title : say.hello(card.name)}</h1>
      <section class="hero" aria-label={say.title}>
        <Plate programName={card.programName} corner={card.tier.name} colours={card.colours}>
          <Balance available={card.balance.available} previous={previous} speech={speech} />
          {card.name !== null && (
            <div class="plate-line">
              <span class="plate-label">{say.member}</span>
              <span class="plate-value">{card.name}</span>
            </div>
          )}
          {!closed && <Barcode digits={card.cardNumber} formats={card.barcodes} label={say.barcode} />}
        </Plate>
      </section>
      <div class="beside">
        {closed ? (
          <p class="closed">
            <strong>{say.closed}</strong> {say.closedHint}
          </p>
        ) : (
          <>
            <Confirm card={card} speech={speech} endpoint={endpoint} />
            <Keep card={card} speech={speech} device={device} />
            <Ask card={card} brand={brand} speech={speech} endpoint={endpoint} />
            <Vouchers card={card} speech={speech} />
            <Standing card={card} speech={speech} />
            <Stamps card={card} say={say} />
            <Friends card={card} say={say} />
          </>
        )}
      </div>
    </div>
  );
}

interface KeepProps {
  readonly card: CardAnswer;
  readonly speech: Speech;
  readonly device: Device;
}

/** The ways into a phone: the wallet buttons and, where this is no phone, a code for one to scan. */
function Keep({ card, speech, device }: KeepProps) {
  const say = words[speech.language].card;
  return (
    <section class="keep" aria-labelledby="keep">
      <h2 id="keep">{say.wallet}</h2>
      {location.hash === '#wallet' && <p class="note">{say.unavailable}</p>}
      <WalletBadges wallet={card.wallet} device={device} say={say} />
      {device === 'desktop' && (
        <div class="qr">
          <Qr text={card.cardUrl} label={say.qr} />
          <p>
            <strong>{say.scan}</strong>
            <span class="soft">{say.scanHint}</span>
          </p>
        </div>
      )}
      {(card.wallet.appleUrl ?? card.wallet.googleUrl) !== undefined && <Looks card={card} say={say} />}
      <p class="soft">{say.private}</p>
    </section>
  );
}

function Unknown({ speech, name }: { readonly speech: Speech; readonly name: string }) {
  const say = words[speech.language].card;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div class="unknown">
      <div class="unknown-art" aria-hidden="true">
        <Monogram name={name} />
      </div>
      <h1 ref={heading} tabIndex={-1}>
        {say.unknownHeading}
      </h1>
      <p>{say.unknown}</p>
      <a class="button" href="/">
        {say.unknownJoin}
      </a>
    </div>
  );
}
