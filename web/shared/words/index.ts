/** Everything the pages say, in each language. The type of the English is the contract of the others. */
import type { Language } from '../language.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { it } from './it.ts';
import { nl } from './nl.ts';
import type { Words } from './words.ts';

export type { Words } from './words.ts';

export const words: Readonly<Record<Language, Words>> = { en, fr, de, es, nl, it };
