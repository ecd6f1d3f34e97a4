/** Members: how they are named, what they give when they join, and how they are answered. */
import * as z from 'zod';
import { isCardNumber } from '../../cardnumber.ts';
import { canonicalEmail, cleanEmail } from '../email.ts';
import { idSchema } from '../ids.ts';
import { balance, instant, points, text } from './basics.ts';

export const cardNumber = z
  .string()
  .regex(/^29\d{11}$/, 'must be the 13 digits of a card, starting with 29')
  .refine(isCardNumber, 'is not the number of a card: its last digit does not fit the others');

/** As it is written to; core/contract/email.ts says what is one, and which are the same mailbox. */
export const email = z
  .string()
  .max(320)
  .overwrite(cleanEmail)
  .refine((value) => canonicalEmail(value) !== undefined, 'must be an e-mail address, as ada@example.com')
  .meta({ format: 'email' });

export const phone = z
  .string()
  .regex(/^\+[0-9 ().-]{6,30}$/, 'must be an international number that starts with +');

export const locale = z
  .string()
  .max(35)
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a BCP 47 language tag, as fr or en-GB');

/** How a contact is known to be the member's: its link was used, whoever sells said so, or not at all. */
export const contactStatuses = ['confirmed', 'vouched', 'unconfirmed'] as const;
export type ContactStatus = (typeof contactStatuses)[number];

/** How a channel names a member: exactly one of four. */
export const memberReference = z
  .strictObject({
    memberId: idSchema('member').optional(),
    cardNumber: cardNumber.optional(),
    email: email.optional(),
    phone: phone.optional(),
  })
  .refine(
    (value) => Object.values(value).filter((one) => one !== undefined).length === 1,
    'must hold exactly one of memberId, cardNumber, email, phone',
  )
  .meta({ id: 'MemberReference' });
export type MemberReference = z.infer<typeof memberReference>;

const consentPurpose = z.string().regex(/^[a-z][a-z_]{0,31}$/, 'must be a purpose in lower case, as email');
const fewPurposes = (value: object) => Object.keys(value).length <= 16;
const purposesHelp = 'must name at most 16 purposes';
const consents = z.record(consentPurpose, z.boolean()).refine(fewPurposes, purposesHelp);

/** Nobody alive was born before; that it is no day to come is for whoever knows the time to say. */
const birthday = z.iso.date().refine((day) => day >= '1900-01-01', 'must be a day since 1900-01-01');

const profileFields = { name: text(200), email, phone, birthday, locale };

export const enrolment = z
  .strictObject({
    ...z.object(profileFields).partial().shape,
    consents: consents.optional(),
    referralCode: text(64).optional(),
  })
  .meta({ id: 'Enrolment' });
export type Enrolment = z.infer<typeof enrolment>;

/** A change of what is given; null takes it away, and makes the language the default one. */
export const profileChange = z
  .strictObject({
    name: profileFields.name.nullish(),
    email: email.nullish(),
    phone: phone.nullish(),
    birthday: birthday.nullish(),
    locale: locale.nullish(),
    consents: consents.optional(),
  })
  .meta({ id: 'ProfileChange' });
export type ProfileChange = z.infer<typeof profileChange>;

/** What the bearer of a card adds: each only where there is none, and a consent that is given. */
export const cardProfile = z
  .strictObject({
    ...z.object({ name: profileFields.name, birthday, email, phone }).partial().shape,
    consents: z.record(consentPurpose, z.literal(true)).refine(fewPurposes, purposesHelp).optional(),
  })
  .refine((value) => Object.values(value).some((one) => one !== undefined), 'must hold at least one field')
  .meta({ id: 'CardProfile' });

/** What a card's profile can still be given. */
export const missingFields = ['name', 'birthday', 'email', 'phone', 'consents'] as const;
export const missing = z
  .array(z.enum(missingFields))
  .describe('What the profile lacks; `consents` where none was given. What it has is not told.');

export const tierStanding = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    qualifyingPoints: points,
    nextTier: z.strictObject({ id: z.string(), name: z.string(), pointsMissing: points }).nullable(),
    validUntil: instant.nullable(),
  })
  .meta({ id: 'TierStanding' });

export const expiring = z.array(z.strictObject({ points, at: instant }));

const stampCount = z.array(z.strictObject({ id: z.string(), count: z.int(), of: z.int() }));

export const wallet = z.strictObject({ appleUrl: z.url(), googleUrl: z.url() });

export const member = z
  .strictObject({
    memberId: idSchema('member'),
    cardNumber,
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    birthday: z.string().nullable(),
    locale: z.string(),
    contacts: z
      .array(
        z.strictObject({
          kind: z.enum(['email', 'phone']),
          status: z.enum(contactStatuses),
          at: instant.nullable().describe('When it was confirmed or given; null where nobody noted it.'),
        }),
      )
      .describe(
        'How each contact is known to be the member’s: by a link that was sent there, by whoever enrolled them, or not yet.',
      ),
    consents: z
      .record(z.string(), z.strictObject({ granted: z.boolean(), at: instant }))
      .describe('By purpose: what was last answered, and when.'),
    createdAt: instant,
    balance,
    lifetime: z.strictObject({ earned: points, spent: points, expired: points }),
    tier: tierStanding,
    expiring,
    stamps: stampCount,
    version: z.int().describe("The ledger's sequence for this member."),
    contactHold: z
      .strictObject({
        since: instant,
        until: instant,
        keeps: points.describe('So many of the points cannot be spent until then.'),
      })
      .optional()
      .describe('Present for a while once an e-mail or phone was replaced, or added by the card.'),
    cardUrl: z.url(),
    wallet,
  })
  .meta({ id: 'Member' });
export type MemberAnswer = z.infer<typeof member>;
