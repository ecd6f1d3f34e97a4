/** What the pages show of a programme. */
import * as z from 'zod';
import { languages } from '../../localized.ts';
import { points } from './basics.ts';

const colour = z.string().describe('As #0f2a33.');

const byLanguage = z.strictObject({
  en: z.string(),
  fr: z.string(),
  de: z.string(),
  es: z.string(),
  nl: z.string(),
  it: z.string(),
});

export const brand = z
  .strictObject({
    name: byLanguage.describe('The name of the programme in each language that pages speak.'),
    languages: z
      .array(z.enum(languages))
      .describe('The languages of the programme, the one for who speaks none of them first.'),
    colours: z
      .strictObject({ background: colour, foreground: colour, label: colour })
      .describe('Of the card.'),
    accents: z
      .strictObject({ light: colour, dark: colour })
      .describe('Of links and buttons, on light and on dark pages.'),
    welcome: points.nullable().describe('Points for joining; null for none.'),
    profile: points.nullable().describe('Points for a complete profile; null for none.'),
    birthday: points.nullable().describe('Points on a birthday; null for none.'),
    gifts: z
      .strictObject({
        welcome: byLanguage.nullable().describe('For joining.'),
        profile: byLanguage.nullable().describe('For a complete profile.'),
        birthday: byLanguage.nullable().describe('On a birthday.'),
      })
      .describe('The names of the rewards of which each gives a voucher; null for none.'),
    termsUrl: byLanguage.nullable().describe('Where the terms are; null for the page of this system.'),
    privacyUrl: byLanguage.nullable().describe('Where the privacy notice is; null where the terms hold it.'),
    supportUrl: z.url().nullable().describe('Where members find help; null for nowhere.'),
  })
  .meta({ id: 'Brand' });
export type BrandAnswer = z.infer<typeof brand>;
