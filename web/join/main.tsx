/** The join page: what the programme is, in one sentence, and the form that makes a card. */
import '../shared/base.css';
import './join.css';
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { type Brand, loadBrand, wear } from '../shared/brand.ts';
import { Foot } from '../shared/foot.tsx';
import { giftText } from '../shared/gift.ts';
import { formatNumber, type Speech } from '../shared/language.ts';
import { Monogram } from '../shared/monogram.tsx';
import { Plate } from '../shared/plate.tsx';
import { useSpeech } from '../shared/speech.ts';
import { LanguageSwitch } from '../shared/switch.tsx';
import { words } from '../shared/words/index.ts';
import { JoinForm } from './form.tsx';

interface BrandProps {
  readonly brand: Brand;
  readonly speech: Speech;
}

function JoinPage({ brand }: { readonly brand: Brand }) {
  const spoken = useSpeech(brand);
  const { speech } = spoken;
  const say = words[speech.language].join;
  const name = brand.name[speech.language];
  useEffect(() => {
    document.title = name === '' ? say.heading : say.title(name);
  }, [name, say]);
  return (
    <div class="join">
      <header class="story">
        <div class="story-top">
          <p class="wordmark">
            <Monogram name={name} />
            {name}
          </p>
          <LanguageSwitch {...spoken} />
        </div>
        <h1>{say.promise}</h1>
        <p class="story-detail">{say.detail}</p>
        <Sample brand={brand} speech={speech} />
      </header>
      <main class="sheet">
        <h2>{say.heading}</h2>
        <p class="soft ease">
          <Welcome brand={brand} speech={speech} /> {say.ease}
        </p>
        <JoinForm brand={brand} speech={speech} />
        <Foot brand={brand} language={speech.language} />
      </main>
    </div>
  );
}

/** What joining gives, where it gives something. */
function Welcome({ brand: { welcome, gifts }, speech }: BrandProps) {
  const gift = giftText(welcome, gifts.welcome?.[speech.language] ?? null, speech);
  return gift === undefined ? null : words[speech.language].join.welcome(gift);
}

/** A card as it looks on its first day. */
function Sample({ brand, speech }: BrandProps) {
  const say = words[speech.language];
  const points = brand.welcome ?? 0;
  return (
    <div class="sample" aria-hidden="true">
      <Plate programName={brand.name[speech.language]} corner={null}>
        <div class="plate-balance">
          <span class="plate-number">{formatNumber(points, speech)}</span>
          <span class="plate-unit">{say.card.unit(points)}</span>
        </div>
        <div class="plate-line">
          <span class="plate-label">{say.card.member}</span>
          <span class="plate-value">{say.join.sampleName}</span>
        </div>
      </Plate>
    </div>
  );
}

const brand = await loadBrand();
wear(brand);
render(<JoinPage brand={brand} />, document.querySelector('#app') as HTMLElement);
