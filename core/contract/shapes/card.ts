/** What every wallet and the card page show. */
import * as z from 'zod';
import { barcodeFormats } from '../../look.ts';
import { idSchema } from '../ids.ts';
import { balance, instant, points } from './basics.ts';
import { cardNumber, expiring, missing, tierStanding } from './member.ts';

const cardWallet = z.strictObject({
  appleUrl: z.url().optional().describe('Only where Apple Wallet is configured.'),
  googleUrl: z.url().optional().describe('Only where Google Wallet is configured.'),
  samsungUrl: z.url().optional().describe('Only where Samsung Wallet is configured.'),
});

/** What every wallet and the card page show; see core/card.ts for what each field means. */
export const card = z
  .strictObject({
    memberId: idSchema('member'),
    version: z.int(),
    programName: z.string(),
    name: z.string().nullable(),
    locale: z.string(),
    cardNumber,
    balance,
    tier: tierStanding,
    expiring,
    stamps: z.array(z.strictObject({ id: z.string(), name: z.string(), count: z.int(), of: z.int() })),
    status: z.enum(['active', 'closed']),
    vouchers: z
      .array(
        z.strictObject({
          code: z.string(),
          name: z.string(),
          type: z.string(),
          expiresAt: instant.nullable(),
        }),
      )
      .describe('What the member can use now, soonest to expire first.'),
    donations: z
      .array(z.strictObject({ id: z.string(), name: z.string(), points }))
      .describe('What all members together have given to each cause.'),
    referralCode: z.string().describe('What the member passes on: a newcomer gives it when joining.'),
    profile: z
      .strictObject({
        missing,
        points: points.describe('What the member gets once it is complete; 0 where that was given.'),
        reward: z
          .string()
          .nullable()
          .describe('The reward of which a voucher comes with them; null for none, or where that was given.'),
        unconfirmed: z
          .array(z.enum(['email', 'phone']))
          .describe('Contacts whose link has not been used yet.'),
        mustConfirm: z.boolean().describe('Whether one has to be before anything can be spent.'),
      })
      .describe('What the card’s page may ask for: `PATCH /v1/cards/{cardToken}/profile` takes it.'),
    updatedAt: instant,
    timeZone: z.string().describe("The programme's, in which its days begin and end."),
    colours: z
      .strictObject({ background: z.string(), foreground: z.string(), label: z.string() })
      .nullable()
      .describe("The programme's own for the cards in wallets, as #0f2a33; null for the house's."),
    barcodes: z
      .array(z.enum(barcodeFormats))
      .nullable()
      .describe('In which formats the number is drawn: the first, where it can be; null for Code 128.'),
    supportUrl: z.url().nullable(),
    cardUrl: z.url(),
    wallet: cardWallet,
  })
  .meta({ id: 'Card' });
export type CardAnswer = z.infer<typeof card>;
