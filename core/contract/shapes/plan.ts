/** What a change of the programme comes to, and the versions it has had. */
import * as z from 'zod';
import { languages } from '../../localized.ts';
import { idSchema } from '../ids.ts';
import { cursors, instant, points } from './basics.ts';

/** What a candidate may be asked to keep; core/backtest/invariants.ts says what each means. */
export const invariantForms = [
  'no_member_loses_a_tier',
  'no_member_loses_points',
  'liability_does_not_grow',
  'liability_grows_at_most:<points>',
  'issued_grows_at_most:<percent>',
] as const;

export const programChange = z
  .strictObject({
    path: z.string().describe('Dotted; members of lists stand under their ids, as tiers.complice.threshold.'),
    kind: z.enum(['added', 'removed', 'changed']),
    before: z.unknown().describe('Null for nothing.'),
    after: z.unknown().describe('Null for nothing.'),
    text: z.string().describe('The change as a sentence.'),
  })
  .meta({ id: 'ProgramChange' });

export const missingText = z
  .strictObject({
    path: z.string().describe('Dotted, as the path of a change.'),
    languages: z.array(z.enum(languages)),
  })
  .meta({ id: 'MissingText' });

export const backtestWindow = z
  .strictObject({
    from: instant,
    to: instant.describe('An end in the future is taken for now.'),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be after from',
  })
  .meta({ id: 'BacktestWindow' });

/** What the entries say, and what the candidate would have made of the same purchases and refunds. */
const figures = { actual: points, candidate: points };

const memberFigures = z.array(
  z.strictObject({ memberId: idSchema('member'), ...figures, difference: points }),
);

export const backtestAnswer = z
  .strictObject({
    from: instant,
    to: instant,
    members: z.int().describe('Members who were there by the end of the window.'),
    purchases: z.int().describe('Purchases that earned in the window.'),
    refunds: z.int().describe('Refunds that were applied to them, or took points of earlier ones.'),
    issued: z
      .strictObject(figures)
      .describe('Points for those purchases; bonuses are the same on both sides.'),
    clawedBack: z.strictObject(figures).describe('Points that those refunds took back.'),
    liability: z
      .strictObject({ ...figures, difference: points })
      .describe('Points owed to members at the end of the window: available, pending and held, less debt.'),
    tierMoves: z
      .array(z.strictObject({ from: z.string(), to: z.string(), members: z.int() }))
      .describe('Members who would hold another tier at the end of the window than they did.'),
    winners: memberFigures.describe(
      'Up to ten, the biggest difference first: points for purchases less what refunds took back.',
    ),
    losers: memberFigures.describe('Likewise, those who would have fewer.'),
    broken: z
      .array(z.strictObject({ invariant: z.string(), text: z.string(), members: z.int().optional() }))
      .describe('The invariants asked for that do not hold.'),
    notes: z.array(z.string()).describe('What to know when reading the figures.'),
  })
  .meta({ id: 'Backtest' });
export type BacktestAnswer = z.infer<typeof backtestAnswer>;

export const planAnswer = z
  .strictObject({
    changes: z.array(programChange),
    missingTexts: z
      .array(missingText)
      .optional()
      .describe('Texts by language that lack a language which others have; absent when none does.'),
    backtest: backtestAnswer.optional().describe('With a cursor: of the members so far.'),
    progress: z
      .strictObject({ membersDone: z.int() })
      .optional()
      .describe('How far the backtest has come; there with a backtest.'),
    cursor: z.string().optional().describe('There is more to play; absent when all is done.'),
    cursors: cursors.optional(),
    part: z
      .string()
      .optional()
      .describe(
        'What a part of the members came to, once it is done: one of the `parts` of the last request.',
      ),
  })
  .meta({ id: 'ProgramPlan' });

export const programPut = z
  .strictObject({
    version: z.int().describe('The version in force.'),
    unchanged: z.literal(true).optional().describe('It says the same as before: no version was made.'),
  })
  .meta({ id: 'ProgramPut' });

/** Who put a version, and when. */
export const programPutAt = z.strictObject({
  version: z.int(),
  putAt: instant,
  putBy: z.strictObject({
    keyId: z
      .string()
      .describe(
        "The operator's key, or the `sub` of the person who had signed in; `setup` for what was done by hand.",
      ),
    name: z
      .string()
      .nullable()
      .describe("The name that the key had, or the person's user name; null where it was not kept."),
  }),
  restores: z.int().nullable().describe('The version whose content it has again, after a rollback.'),
});

export const programVersion = programPutAt
  .extend({
    inForce: z.boolean(),
    changes: z.int().describe('How many places differ from the version before.'),
    summary: z.array(z.string()).describe('The first of them, as sentences.'),
  })
  .meta({ id: 'ProgramVersion' });
