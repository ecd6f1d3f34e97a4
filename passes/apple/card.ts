/** The part of pass.json that differs from card to card. Source: Apple, Wallet Passes, Pass. */
import type { CardLinks, CardView } from '../../core/card.ts';
import { rgbOf } from '../../core/colours.ts';
import type { BarcodeFormat } from '../../core/look.ts';
import { colours as houseColours } from '../colours.ts';
import { cardText, memoized, styleOf } from '../wording.ts';
import { storeCard } from './fields.ts';

export interface Card {
  readonly view: CardView;
  readonly links: CardLinks;
  /** Where phones ask for changes: the part before `/v1/…`. */
  readonly webServiceUrl: string;
  /** The pass's own secret, at least 16 characters, by which its phone identifies itself there. */
  readonly authenticationToken: string;
  readonly organizationName: string;
}

/** @throws RangeError when the authentication token is shorter than Apple allows */
export function cardProperties({ view, links, ...card }: Card) {
  const { length } = card.authenticationToken;
  if (length < 16)
    throw new RangeError(`A pass's authentication token has at least 16 characters, not ${length}.`);
  return {
    serialNumber: view.memberId,
    organizationName: card.organizationName,
    description: cardText(view.programName, styleOf(view.locale)),
    logoText: view.programName,
    webServiceURL: card.webServiceUrl,
    authenticationToken: card.authenticationToken,
    ...colourProperties(view),
    ...(view.status === 'closed' ? closedProperties(view) : openProperties(view)),
    barcodes: view.cardNumber === null ? [] : barcodes(view.cardNumber, view.barcodes ?? usualOrder),
    userInfo: { version: view.version },
    storeCard: storeCard(view, links),
  };
}

const css = memoized((hex: string) => `rgb(${rgbOf(hex).join(', ')})`);

function colourProperties(view: CardView) {
  const { background, foreground, label } = view.colours ?? houseColours;
  return { backgroundColor: css(background), foregroundColor: css(foreground), labelColor: css(label) };
}

/** A card that was closed lapses with its last version, and offers itself nowhere any more. */
function closedProperties({ updatedAt }: CardView) {
  return { voided: true, expirationDate: updatedAt };
}

/** Where the card offers itself: a list that is empty is left out, as is what the programme does not have. */
function openProperties({ stores, beacons, nfc, cardNumber }: CardView) {
  return {
    voided: false,
    ...(stores.length > 0 && {
      locations: stores.map(({ name, latitude, longitude, relevantText = name }) => ({
        latitude,
        longitude,
        relevantText,
      })),
    }),
    ...(beacons.length > 0 && { beacons }),
    // The number that is in the barcode too: 13 of the 64 bytes that a reader gets.
    ...(nfc && { nfc: { message: cardNumber, encryptionPublicKey: nfc.encryptionPublicKey } }),
  };
}

/**
 * Phones show the first that they know. Every reader tried draws Code 128 and every till reads it, so it comes first;
 * a list that begins with EAN-13 makes iOS before 27, and other readers of passes, show something else or nothing.
 */
const usualOrder: readonly BarcodeFormat[] = ['code128', 'ean13', 'qr'];

const formats: Readonly<Record<BarcodeFormat, string>> = {
  code128: 'PKBarcodeFormatCode128',
  ean13: 'PKBarcodeFormatEAN13',
  qr: 'PKBarcodeFormatQR',
};

function barcodes(cardNumber: string, order: readonly BarcodeFormat[]) {
  return order.map((format) => ({
    format: formats[format],
    message: cardNumber,
    altText: cardNumber,
    messageEncoding: 'iso-8859-1',
  }));
}
