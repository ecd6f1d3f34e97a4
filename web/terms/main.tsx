/** Terms and privacy: where the programme has them, else the sample text. The address may name the language. */
import '../shared/base.css';
import './terms.css';
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { type Brand, loadBrand, titled, wear } from '../shared/brand.ts';
import { languageOf } from '../shared/language.ts';
import { useSpeech } from '../shared/speech.ts';
import { Top } from '../shared/top.tsx';
import { type Words, words } from '../shared/words/index.ts';

interface TermsProps {
  readonly brand: Brand;
}

function TermsPage({ brand }: TermsProps) {
  const named = languageOf(location.hash.slice(1));
  const spoken = useSpeech(brand, named ? [named] : []);
  const { language } = spoken.speech;
  const say = words[language].terms;
  useEffect(() => {
    document.title = titled(say.title, brand, language);
  }, [say]);
  const { termsUrl, privacyUrl } = brand;
  return (
    <div class="page">
      <Top brand={brand} spoken={spoken} />
      <main class="terms">
        <h1>{say.title}</h1>
        {termsUrl === null && <Sample say={say} />}
        {(termsUrl ?? privacyUrl) !== null && <p>{say.elsewhere}</p>}
        <ul class="elsewhere">
          {termsUrl !== null && (
            <li>
              <a href={termsUrl[language]}>{say.termsLink}</a>
            </li>
          )}
          {privacyUrl !== null && (
            <li>
              <a href={privacyUrl[language]}>{say.privacyLink}</a>
            </li>
          )}
        </ul>
      </main>
    </div>
  );
}

function Sample({ say }: { readonly say: Words['terms'] }) {
  return (
    <>
      <p class="note">{say.sample}</p>
      <h2>{say.programme}</h2>
      <List of={say.rules} />
      <h2>{say.data}</h2>
      <List of={say.privacy} />
    </>
  );
}

function List({ of }: { readonly of: readonly string[] }) {
  return (
    <ul>
      {of.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

const brand = await loadBrand();
wear(brand);
render(<TermsPage brand={brand} />, document.querySelector('#app') as HTMLElement);
