/**
 * What Google Wallet makes of a loyalty card: of each text it shows the translation that its phone speaks. Read
 * from the very class and object that are sent, so a preview cannot show what they do not hold.
 */
import type { CardLinks, CardView } from '../../core/card.ts';
import { type LocalizedString, type LoyaltyObject, loyaltyClass, loyaltyObject } from '../google/loyalty.ts';
import { numberText, type Style, styleOf } from '../wording.ts';

export interface ShownRow {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly isLink: boolean;
}

export interface ShownLoyalty {
  readonly issuerName: string;
  readonly programName: string;
  readonly background: string;
  readonly expired: boolean;
  readonly points: readonly { readonly label: string; readonly value: string }[];
  readonly barcode: LoyaltyObject['barcode'];
  /** What stands below the card: whose it is, its modules, its links. */
  readonly details: readonly ShownRow[];
}

/** The phone's language is taken to be the member's. */
export function shownLoyalty(view: CardView, links: CardLinks): ShownLoyalty {
  const style = styleOf(view.locale);
  const issuerId = 'preview';
  const programme = loyaltyClass({
    programName: view.programName,
    issuerId,
    publicUrl: new URL(links.cardUrl).origin,
    colours: view.colours,
  });
  const object = loyaltyObject(view, links, issuerId);
  const account = (id: string, label: LocalizedString, value: string | null): ShownRow[] =>
    value === null ? [] : [{ id, label: spoken(label, style), value, isLink: false }];
  return {
    issuerName: programme.issuerName,
    programName: programme.programName,
    background: programme.hexBackgroundColor,
    expired: object.state === 'EXPIRED',
    points: pointsOf(object, style),
    barcode: object.barcode,
    details: [
      ...account('accountName', programme.localizedAccountNameLabel, object.accountName),
      ...account('accountId', programme.localizedAccountIdLabel, object.accountId),
      ...object.textModulesData.map(({ id, header, localizedHeader, body }) => ({
        id,
        label: localizedHeader ? spoken(localizedHeader, style) : header,
        value: body,
        isLink: false,
      })),
      ...object.linksModuleData.uris.map(({ id, uri, localizedDescription }) => ({
        id,
        label: spoken(localizedDescription, style),
        value: uri,
        isLink: true,
      })),
    ],
  };
}

function pointsOf({ loyaltyPoints, secondaryLoyaltyPoints }: LoyaltyObject, style: Style) {
  return [loyaltyPoints, secondaryLoyaltyPoints]
    .filter((points) => points !== null)
    .map(({ localizedLabel, balance }) => ({
      label: spoken(localizedLabel, style),
      value: balance.int === null ? balance.string : numberText(balance.int, style),
    }));
}

function spoken({ defaultValue, translatedValues }: LocalizedString, { language }: Style): string {
  return (translatedValues.find((one) => one.language === language) ?? defaultValue).value;
}
