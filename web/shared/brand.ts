import { name } from '../../program.json';

/** The programme's name when the pages were built; the card page shows the `programName` in force. */
export const brand = name;

/** Where the programme's terms and its privacy notice are, per language (web/terms.html holds both). */
export const termsPath = { en: '/terms.html#en', fr: '/terms.html#fr' } as const;
