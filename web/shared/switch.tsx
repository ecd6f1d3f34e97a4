import { languageNames, languages } from './language.ts';
import type { Spoken } from './speech.ts';
import { words } from './words/index.ts';

/** Changes the language of the page; each is named in its own. */
export function LanguageSwitch({ speech, choose }: Spoken) {
  const { language } = speech;
  return (
    <label class="switch">
      <span class="visually-hidden">{words[language].language}</span>
      <select
        value={language}
        onChange={(event) => {
          const chosen = languages.find((one) => one === event.currentTarget.value);
          if (chosen) choose(chosen);
        }}
      >
        {languages.map((one) => (
          <option key={one} value={one} lang={one} selected={one === language}>
            {languageNames[one]}
          </option>
        ))}
      </select>
    </label>
  );
}
