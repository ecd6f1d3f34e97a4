/** The language of a page, and its switch. */
import { useEffect, useState } from 'preact/hooks';
import type { Brand } from './brand.ts';
import {
  chosenLanguage,
  type Language,
  rememberLanguage,
  type Speech,
  speechFor,
  speechIn,
} from './language.ts';

export interface Spoken {
  readonly speech: Speech;
  /** What somebody chose, on this page or before; undefined where nobody did. */
  readonly chosen: Language | undefined;
  readonly choose: (language: Language) => void;
}

/**
 * What was chosen, else the member's language, else the browser's, else the programme's first.
 * @param member BCP 47 tags of the member, where one is known
 */
export function useSpeech(brand: Brand, member: readonly string[] = []): Spoken {
  const [chosen, setChosen] = useState(chosenLanguage);
  const tags = [...member, ...navigator.languages];
  const speech = chosen ? speechIn(chosen, tags) : speechFor(tags, brand.languages[0]);
  useEffect(() => {
    document.documentElement.lang = speech.language;
  }, [speech.language]);
  const choose = (language: Language) => {
    rememberLanguage(language);
    setChosen(language);
  };
  return { speech, chosen, choose };
}
