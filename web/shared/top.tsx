import type { Brand } from './brand.ts';
import { Monogram } from './monogram.tsx';
import type { Spoken } from './speech.ts';
import { LanguageSwitch } from './switch.tsx';

interface TopProps {
  readonly brand: Brand;
  readonly spoken: Spoken;
  /** The name where it is newer than the brand's. */
  readonly name?: string | undefined;
}

/** The head of every page but the first: the programme's name, which leads there, and the language. */
export function Top({ brand, spoken, name = brand.name[spoken.speech.language] }: TopProps) {
  return (
    <header class="top">
      <a class="home" href="/">
        <Monogram name={name} />
        <span class={name === '' ? 'visually-hidden' : undefined}>{name || '/'}</span>
      </a>
      <LanguageSwitch {...spoken} />
    </header>
  );
}
