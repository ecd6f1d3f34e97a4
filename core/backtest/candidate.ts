/** A candidate programme, as a backtest plays it. */
import type { Program, ProgramDocument } from '../program.ts';

export type Candidate = Program;

/**
 * The document as a programme, without stamp cards, which give no points, and without budgets: members are
 * replayed one by one, and what a budget has left for one of them depends on all the others.
 */
export function compileCandidate(document: ProgramDocument): Candidate {
  const campaigns = document.campaigns.map(({ budgetPoints: _budgetPoints, ...rest }) => rest);
  return { ...document, campaigns, stamps: [], version: 0 };
}
