/** A plan as a person reads it. */
import type { Backtest, ProgramPlan } from './planning.ts';
import { count, number, type Style, shown, signed, table, visible } from './text.ts';

export function changesText(style: Style, { changes }: Pick<ProgramPlan, 'changes'>): string {
  if (changes.length === 0) return 'Nothing changes.';
  const signs = { added: style.good('+'), removed: style.bad('-'), changed: style.warn('~') };
  return changes.map(({ kind, text }) => `${signs[kind]} ${visible(text)}`).join('\n');
}

/** One line for each text that lacks a language. */
export function missingText(
  style: Style,
  { missingTexts = [] }: Pick<ProgramPlan, 'missingTexts'>,
): string[] {
  if (missingTexts.length === 0) return [];
  const lines = missingTexts.map(
    ({ path, languages }) => `${visible(path)} has no text in ${languages.join(', ')}.`,
  );
  return [style.warn(lines.join('\n'))];
}

export function planText(style: Style, plan: ProgramPlan): string {
  const { backtest } = plan;
  return [
    changesText(style, plan),
    ...missingText(style, plan),
    ...(backtest ? backtestTexts(style, backtest) : []),
  ].join('\n\n');
}

function backtestTexts(style: Style, backtest: Backtest): string[] {
  const { from, to, members, purchases, refunds, winners, losers, broken, notes } = backtest;
  const played = [count(members, 'member'), count(purchases, 'purchase'), count(refunds, 'refund')];
  return [
    `${style.bold(`Played again: ${from} to ${to}`)}\n${played.join(', ')}`,
    figures(style, backtest),
    ...tierMoves(style, backtest),
    ...ranking(style, 'Who would have more', winners),
    ...ranking(style, 'Who would have fewer', losers),
    ...(notes.length > 0 ? [notes.map((note) => style.dim(`* ${visible(note)}`)).join('\n')] : []),
    ...(broken.length > 0
      ? [broken.map(({ text }) => style.bad(`Broken: ${visible(text)}`)).join('\n')]
      : []),
  ];
}

function figures(style: Style, { issued, clawedBack, liability }: Backtest): string {
  const row = (name: string, { actual, candidate }: { actual: number; candidate: number }) => [
    name,
    number(actual),
    number(candidate),
    signed(candidate - actual),
    actual === 0 ? '' : `${signed(Math.round(((candidate - actual) / actual) * 1000) / 10)} %`,
  ];
  return table(
    style,
    ['points', 'as it was', 'candidate', 'difference', 'share'],
    [row('issued', issued), row('clawed back', clawedBack), row('liability', liability)],
    ['as it was', 'candidate', 'difference', 'share'],
  );
}

function tierMoves(style: Style, { tierMoves: moves }: Backtest): string[] {
  if (moves.length === 0) return [];
  const rows = moves.map(({ from, to, members }) => [shown(from), shown(to), number(members)]);
  return [table(style, ['tier', 'would be', 'members'], rows, ['members'])];
}

function ranking(style: Style, title: string, members: Backtest['winners']): string[] {
  if (members.length === 0) return [];
  const heads = ['as it was', 'candidate', 'difference'];
  const rows = members.map(({ memberId, actual, candidate, difference }) => [
    memberId,
    number(actual),
    number(candidate),
    signed(difference),
  ]);
  return [`${style.bold(title)}\n${table(style, ['member', ...heads], rows, heads)}`];
}
