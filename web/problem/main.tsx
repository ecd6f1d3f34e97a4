/**
 * What a visitor sees instead of a page: `data-problem` of the document says whether there is none such (missing), or
 * the page cannot be given just now (broken).
 */
import '../shared/base.css';
import './problem.css';
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { type Brand, loadBrand, titled, wear } from '../shared/brand.ts';
import { useSpeech } from '../shared/speech.ts';
import { Top } from '../shared/top.tsx';
import { words } from '../shared/words/index.ts';

interface ProblemProps {
  readonly brand: Brand;
  readonly isMissing: boolean;
}

function ProblemPage({ brand, isMissing }: ProblemProps) {
  const spoken = useSpeech(brand);
  const { language } = spoken.speech;
  const say = words[language].page;
  const heading = isMissing ? say.missing : say.broken;
  useEffect(() => {
    document.title = titled(heading, brand, language);
  }, [heading]);
  return (
    <div class="page">
      <Top brand={brand} spoken={spoken} />
      <main class="problem">
        <h1>{heading}</h1>
        <p>{isMissing ? say.missingHint : say.brokenHint}</p>
        <a class="button" href={isMissing ? '/' : location.href}>
          {isMissing ? say.home : say.retry}
        </a>
      </main>
    </div>
  );
}

const brand = await loadBrand();
wear(brand);
const isMissing = document.documentElement.dataset['problem'] !== 'broken';
render(<ProblemPage brand={brand} isMissing={isMissing} />, document.querySelector('#app') as HTMLElement);
