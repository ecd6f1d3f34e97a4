/**
 * The programme as Google's LoyaltyClass and a card's view as its LoyaltyObject.
 * Source: Google Wallet API v1, REST resources loyaltyclass and loyaltyobject.
 */
import type { CardLinks, CardView } from '../../core/card.ts';
import type { BarcodeFormat } from '../../core/look.ts';
import { colours as houseColours } from '../colours.ts';
import { type Fact, type Facts, factsOf, valueText } from '../facts.ts';
import { everywhere, type Language, type Localized, labels, languages } from '../wording.ts';

export interface LocalizedString {
  readonly defaultValue: { readonly language: Language; readonly value: string };
  readonly translatedValues: readonly { readonly language: Language; readonly value: string }[];
}

export interface LoyaltyClass {
  readonly id: string;
  readonly [field: string]: unknown;
}

interface Points {
  readonly label: string;
  readonly localizedLabel: LocalizedString;
  /** `string` carries what does not fit Google's 32 bits; null clears the other one of the two in a patch. */
  readonly balance: { readonly int: number } | { readonly int: null; readonly string: string };
}

export interface TextModule {
  readonly id: string;
  readonly header: string;
  readonly localizedHeader?: LocalizedString;
  readonly body: string;
  readonly localizedBody?: LocalizedString;
}

const barcodeTypes = { code128: 'CODE_128', ean13: 'EAN_13', qr: 'QR_CODE' } as const;

interface Barcode {
  readonly type: (typeof barcodeTypes)[BarcodeFormat];
  readonly value: string;
  readonly alternateText: string;
}

interface Link {
  readonly id: string;
  readonly uri: string;
  readonly description: string;
  readonly localizedDescription: LocalizedString;
}

/** Every field is always there: a patch leaves what it does not name, and clears what it names as null. */
export interface LoyaltyObject {
  readonly id: string;
  readonly classId: string;
  readonly state: 'ACTIVE' | 'EXPIRED';
  readonly accountId: string | null;
  readonly accountName: string | null;
  readonly loyaltyPoints: Points;
  readonly secondaryLoyaltyPoints: Points | null;
  readonly barcode: Barcode | null;
  readonly textModulesData: readonly TextModule[];
  readonly linksModuleData: { readonly uris: readonly Link[] };
}

/** The id of the programme's one class: it outlives changes of the programme. */
export function classIdOf(issuerId: string): string {
  return `${issuerId}.philia`;
}

export function objectIdOf(issuerId: string, memberId: string): string {
  return `${issuerId}.${memberId}`;
}

export interface ClassInput {
  /** One name, or by language. */
  readonly programName: string | Localized;
  readonly issuerId: string;
  /** Without `/` at the end. Google fetches `<publicUrl>/program-logo.png` from it. */
  readonly publicUrl: string;
  /** The programme's own; null for the house's. Google writes on it in black or white, as it sees fit. */
  readonly colours?: CardView['colours'];
  /** The programme's first, for phones whose language is none of ours. */
  readonly language?: Language;
}

export function loyaltyClass({
  programName,
  issuerId,
  publicUrl,
  colours,
  language: standard = 'en',
}: ClassInput) {
  const names = typeof programName === 'string' ? everywhere(programName) : programName;
  return {
    id: classIdOf(issuerId),
    ...named('issuerName', names, standard),
    ...named('programName', names, standard),
    programLogo: {
      sourceUri: { uri: `${publicUrl}/program-logo.png` },
      contentDescription: localized(names, standard),
    },
    // Google asks for it with every write, though it approved the class long ago.
    reviewStatus: 'UNDER_REVIEW',
    hexBackgroundColor: (colours ?? houseColours).background,
    ...named('accountNameLabel', labels.holder, standard),
    ...named('accountIdLabel', labels.cardNumber, standard),
    homepageUri: { uri: publicUrl, ...named('description', names, standard) },
    // A card is its member's: it may be on all of their devices, and on nobody else's.
    multipleDevicesAndHoldersAllowedStatus: 'ONE_USER_ALL_DEVICES',
    callbackOptions: { url: `${publicUrl}/google/callback` },
  } satisfies LoyaltyClass;
}

export function loyaltyObject(view: CardView, links: CardLinks, issuerId: string): LoyaltyObject {
  const facts = factsOf(view, links);
  const { language } = facts.style;
  const [pending] = facts.pending;
  return {
    id: objectIdOf(issuerId, view.memberId),
    classId: classIdOf(issuerId),
    state: view.status === 'closed' ? 'EXPIRED' : 'ACTIVE',
    accountId: view.cardNumber,
    accountName: view.name,
    loyaltyPoints: points(facts.points, language),
    secondaryLoyaltyPoints: pending ? points(pending, language) : null,
    // Who has left has no card to scan.
    barcode: view.cardNumber === null ? null : barcode(view.cardNumber, view.barcodes?.[0]),
    textModulesData: textModules(view, facts),
    linksModuleData: { uris: facts.links.flatMap((fact) => linkOf(fact, language)) },
  };
}

/** The support's address is on the card's page. */
function linkOf({ id, label, value }: Fact, language: Language): Link[] {
  if (id !== 'cardPage' || value.type !== 'link' || typeof label === 'string') return [];
  return [{ id: 'card', uri: value.url, ...named('description', label, language) }];
}

/** Google draws EAN-13 on every phone, so it is what a card has where the programme says nothing. */
function barcode(cardNumber: string, format: BarcodeFormat = 'ean13'): Barcode {
  return { type: barcodeTypes[format], value: cardNumber, alternateText: cardNumber };
}

const int32Max = 2 ** 31 - 1;

function points({ label: name, value }: Fact, language: Language): Points {
  const label = typeof name === 'string' ? everywhere(name) : name;
  const balance = value.type === 'number' ? value.number : 0;
  return {
    label: label[language],
    localizedLabel: localized(label, language),
    balance: Math.abs(balance) <= int32Max ? { int: balance } : { int: null, string: String(balance) },
  };
}

/** Google shows ten; vouchers and stamp cards come last, for they alone can be many. */
const textModulesMax = 10;

function textModules(view: CardView, facts: Facts): TextModule[] {
  const { style, tier, expiring, details, vouchers, stamps } = facts;
  const { language } = style;
  const module = ({ id, label, value }: Fact): TextModule => {
    const header = typeof label === 'string' ? translationOf(label, view, language) : label;
    const body = value.type === 'text' ? translationOf(value.text, view, language) : undefined;
    return {
      id,
      ...(header ? named('header', header, language) : { header: String(label) }),
      ...(body ? named('body', body, language) : { body: valueText(value, view, style) }),
    };
  };
  return [
    ...tier.map(module),
    ...(expiring.length > 0 ? [expiringModule(view, facts)] : []),
    ...[...details, ...vouchers, ...stamps].map(module),
  ].slice(0, textModulesMax);
}

/** A text of the programme in all of its languages, where it differs by them. */
function translationOf(text: string, { texts }: CardView, language: Language): Localized | undefined {
  return texts.find((one) => one[language] === text);
}

/** The last days of all points that lapse, as one text. */
function expiringModule(view: CardView, { expiring, style }: Facts): TextModule {
  const lines = expiring.map(({ label, value }) => {
    const text = valueText(value, view, style);
    return typeof label === 'string' ? `${label} ${text}` : text;
  });
  return { id: 'expiring', ...named('header', labels.expiring, style.language), body: lines.join('\n') };
}

/** A text under `name`, and in all languages under Google's `localized<Name>` beside it. */
function named<Name extends string>(name: Name, text: Localized, language: Language) {
  const localizedName = `localized${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return {
    [name]: text[language],
    [localizedName]: localized(text, language),
  } as Record<Name, string> & Record<`localized${Capitalize<Name>}`, LocalizedString>;
}

/** A text in all languages, of which `standard` serves for phones in another one. */
function localized(text: Localized, standard: Language): LocalizedString {
  return {
    defaultValue: { language: standard, value: text[standard] },
    translatedValues: languages
      .filter((language) => language !== standard)
      .map((language) => ({ language, value: text[language] })),
  };
}
