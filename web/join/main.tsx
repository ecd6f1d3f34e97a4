/** The join page: what the programme is, in one sentence, and the form that makes a card. */
import '../shared/base.css';
import './join.css';
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { brand } from '../shared/brand.ts';
import { formatNumber, type Speech, speechFor } from '../shared/language.ts';
import { Monogram } from '../shared/monogram.tsx';
import { Plate } from '../shared/plate.tsx';
import { words } from '../shared/words.ts';
import { JoinForm } from './form.tsx';

/** The welcome of the default programme: the sample shows a card as it looks on the first day. */
const samplePoints = 50;

function JoinPage({ speech }: { readonly speech: Speech }) {
  const say = words[speech.language].join;
  const [sent, setSent] = useState(false);
  return (
    <div class="join">
      <header class="story">
        <p class="wordmark">
          <Monogram />
          {brand}
        </p>
        <h1>{say.promise}</h1>
        <p class="story-detail">{say.detail}</p>
        <Sample speech={speech} />
      </header>
      <main class="sheet">
        {sent ? (
          <Sent speech={speech} onAgain={() => setSent(false)} />
        ) : (
          <>
            <h2>{say.heading}</h2>
            <p class="soft ease">{say.ease}</p>
            <JoinForm speech={speech} onSent={() => setSent(true)} />
          </>
        )}
      </main>
    </div>
  );
}

function Sample({ speech }: { readonly speech: Speech }) {
  const say = words[speech.language];
  return (
    <div class="sample" aria-hidden="true">
      <Plate programName={brand} corner={null}>
        <div class="plate-balance">
          <span class="plate-number">{formatNumber(samplePoints, speech)}</span>
          <span class="plate-unit">{say.card.unit(samplePoints)}</span>
        </div>
        <div class="plate-line">
          <span class="plate-label">{say.card.member}</span>
          <span class="plate-value">{say.join.sampleName}</span>
        </div>
      </Plate>
    </div>
  );
}

/** The same words whether or not the person has a card, so that nobody can learn who is a member here. */
function Sent({ speech, onAgain }: { readonly speech: Speech; readonly onAgain: () => void }) {
  const say = words[speech.language].join;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div class="sent">
      <h2 ref={heading} tabIndex={-1}>
        {say.sentHeading}
      </h2>
      <p>{say.sent}</p>
      <p class="soft">{say.sentHint}</p>
      <button class="button button-quiet" type="button" onClick={onAgain}>
        {say.again}
      </button>
    </div>
  );
}

const speech = speechFor(navigator.languages);
document.documentElement.lang = speech.language;
document.title = words[speech.language].join.title;
render(<JoinPage speech={speech} />, document.querySelector('#app') as HTMLElement);
