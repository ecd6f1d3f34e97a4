/** Operations whose place in the route table is still to come; once it is there, the table counts. */

interface Figures {
  readonly actual: number;
  readonly candidate: number;
}

interface MemberFigures extends Figures {
  readonly memberId: string;
  readonly difference: number;
}

export interface RoutesToCome {
  'POST /v1/program/plan': {
    readonly request: {
      readonly body: {
        readonly program: { readonly [name: string]: unknown };
        readonly backtest?: { readonly from: string; readonly to: string };
        readonly invariants?: string[];
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly status: 200;
      readonly body: {
        readonly changes: readonly {
          readonly path: string;
          readonly kind: 'added' | 'removed' | 'changed';
          readonly before: unknown;
          readonly after: unknown;
          readonly text: string;
        }[];
        readonly backtest?: {
          readonly from: string;
          readonly to: string;
          readonly members: number;
          readonly purchases: number;
          readonly refunds: number;
          readonly issued: Figures;
          readonly clawedBack: Figures;
          readonly liability: Figures & { readonly difference: number };
          readonly tierMoves: readonly {
            readonly from: string;
            readonly to: string;
            readonly members: number;
          }[];
          readonly winners: readonly MemberFigures[];
          readonly losers: readonly MemberFigures[];
          readonly broken: readonly {
            readonly invariant: string;
            readonly text: string;
            readonly members?: number;
          }[];
          readonly notes: readonly string[];
        };
        readonly progress?: { readonly membersDone: number };
        readonly cursor?: string;
      };
    };
  };
}
