import type { Brand } from './brand.ts';
import type { Language } from './language.ts';
import { words } from './words/index.ts';

/** Where the terms are: the programme's own, or the page of this system in the language that is read. */
export function termsAddress({ termsUrl }: Brand, language: Language): string {
  return termsUrl?.[language] ?? `/terms.html#${language}`;
}

interface FootProps {
  readonly brand: Brand;
  readonly language: Language;
}

/** What every page leads to: the terms, the privacy notice where it stands by itself, and help. */
export function Foot({ brand, language }: FootProps) {
  const say = words[language];
  const { privacyUrl, supportUrl } = brand;
  return (
    <footer class="foot">
      <a href={termsAddress(brand, language)}>{say.terms.title}</a>
      {privacyUrl !== null && <a href={privacyUrl[language]}>{say.join.privacy}</a>}
      {supportUrl !== null && <a href={supportUrl}>{say.card.help}</a>}
    </footer>
  );
}
