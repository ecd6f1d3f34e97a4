/**
 * What an iPhone makes of a pass: it looks labels and texts up in pass.strings and writes numbers and days in
 * its own way. Read from the very properties that are signed, so a preview cannot show what the pass does not hold.
 */
import type { CardLinks, CardView } from '../../core/card.ts';
import { cardProperties } from '../apple/card.ts';
import type { Field } from '../apple/fields.ts';
import { translations } from '../apple/translations.ts';
import { numberText, type Style, styleOf } from '../wording.ts';

/** A field as the phone writes it. */
export interface Shown {
  readonly key: string;
  readonly label: string;
  readonly value: string;
  readonly isLink: boolean;
}

export interface ShownPass {
  /** BCP 47, by which the phone writes capitals. */
  readonly locale: string;
  readonly description: string;
  readonly logoText: string;
  readonly background: string;
  readonly foreground: string;
  readonly label: string;
  readonly voided: boolean;
  readonly barcode: {
    readonly format: string;
    readonly message: string;
    readonly altText: string;
  } | null;
  readonly header: readonly Shown[];
  readonly primary: readonly Shown[];
  /** Secondary and auxiliary fields: a store card shows them in one row. */
  readonly row: readonly Shown[];
  readonly back: readonly Shown[];
}

/** The phone's language is taken to be the member's. */
export function shownPass(view: CardView, links: CardLinks): ShownPass {
  const pass = cardProperties({ view, links, ...unseen });
  const style = styleOf(view.locale);
  const texts = new Map(translations(style.language));
  const read = (fields: readonly Field[]) => fields.map((field) => shown(field, texts, style));
  const { headerFields, primaryFields, secondaryFields, auxiliaryFields, backFields } = pass.storeCard;
  return {
    locale: style.tag,
    description: pass.description,
    logoText: pass.logoText,
    background: pass.backgroundColor,
    foreground: pass.foregroundColor,
    label: pass.labelColor,
    voided: pass.voided,
    barcode: pass.barcodes[0] ?? null,
    header: read(headerFields),
    primary: read(primaryFields),
    row: [...read(secondaryFields), ...read(auxiliaryFields)],
    back: read(backFields),
  };
}

/** What a pass needs and does not show. */
const unseen = {
  webServiceUrl: 'https://preview.invalid/apple',
  authenticationToken: 'a pass that nobody fetches',
  organizationName: '',
};

function shown(field: Field, texts: ReadonlyMap<string, string>, style: Style): Shown {
  const { key, label = '', dataDetectorTypes = [] } = field;
  const isLink = dataDetectorTypes.includes('PKDataDetectorTypeLink');
  return { key, label: texts.get(label) ?? label, value: valueText(field, texts, style), isLink };
}

function valueText({ value, dateStyle }: Field, texts: ReadonlyMap<string, string>, style: Style): string {
  if (typeof value === 'number') return numberText(value, style);
  return dateStyle ? mediumDate(value, style) : (texts.get(value) ?? value);
}

/** The day that the value itself names, wherever the phone is: its fields ignore the phone's time zone. */
function mediumDate(value: string, { tag }: Style): string {
  const format = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeZone: 'UTC' });
  return format.format(new Date(`${value.slice(0, 10)}T00:00:00Z`));
}
