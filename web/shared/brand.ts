/** The name on the pages that no card's data reaches. The card page shows the programme's own `programName`. */
export const brand = 'Maison Philia';

/** Where the programme's terms and its privacy notice are, per language (web/terms.html holds both). */
export const termsPath = { en: '/terms.html#en', fr: '/terms.html#fr' } as const;
