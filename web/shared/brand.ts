/** The programme as the pages show it: asked for when a page opens, so that nothing of it is built in. */
import type { BrandAnswer } from '../../core/contract/shapes/brand.ts';
import type { Language } from './language.ts';

export type Brand = BrandAnswer;

const nameless = { en: '', fr: '', de: '', es: '', nl: '', it: '' };

/** What a page wears while the programme cannot be asked for: nobody's name, and the colours of tokens.css. */
const plain: Brand = {
  name: nameless,
  languages: [],
  colours: { background: '#26292f', foreground: '#ffffff', label: '#d9dde5' },
  accents: { light: '#26292f', dark: '#d9dde5' },
  welcome: null,
  profile: null,
  birthday: null,
  gifts: { welcome: null, profile: null, birthday: null },
  termsUrl: null,
  privacyUrl: null,
  supportUrl: null,
};

/** A page is not kept from opening for longer than this. */
const patienceMs = 4_000;

/** Never throws: whatever becomes of it, the page opens. */
export async function loadBrand(): Promise<Brand> {
  try {
    const response = await fetch('/v1/brand', { signal: AbortSignal.timeout(patienceMs) });
    return response.ok ? ((await response.json()) as Brand) : plain;
  } catch {
    return plain;
  }
}

/** Puts the programme's colours on the page. As properties: the pages allow no style in their markup. */
export function wear({ colours, accents }: Brand): void {
  const { style } = document.documentElement;
  const properties = {
    '--plate': colours.background,
    '--plate-ink': colours.foreground,
    '--plate-label': colours.label,
    '--accent-on-light': accents.light,
    '--accent-on-dark': accents.dark,
  };
  for (const [name, value] of Object.entries(properties)) style.setProperty(name, value);
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', colours.background);
}

/** `Title – Programme`, or the title alone. */
export function titled(title: string, brand: Brand, language: Language): string {
  const name = brand.name[language];
  return name === '' ? title : `${title} – ${name}`;
}
