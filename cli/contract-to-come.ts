/** Operations whose place in the route table is still to come; once it is there, the table counts. */
import type { BodyFrom } from './contract.ts';

interface Figures {
  readonly actual: number;
  readonly candidate: number;
}

interface MemberFigures extends Figures {
  readonly memberId: string;
  readonly difference: number;
}

interface Page<T> {
  readonly status: 200;
  readonly body: { readonly items: readonly T[]; readonly cursor: string | null };
}

interface Ok<S extends number, B> {
  readonly status: S;
  readonly body: B;
}

interface PageQuery {
  readonly limit?: unknown;
  readonly cursor?: string;
}

interface Adjustment {
  readonly adjustmentId: string;
  readonly status: 'waiting' | 'approved' | 'rejected';
  readonly memberId: string;
  readonly points: number;
  readonly reason: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly decidedBy?: string | undefined;
  readonly decidedAt?: string | undefined;
  readonly decisionReason?: string | undefined;
  readonly entryId?: string | undefined;
}

type Entry = BodyFrom<'GET /v1/members/{memberId}/entries'>['items'][number];
type Exception = BodyFrom<'GET /v1/exceptions'>['items'][number];

interface AuditItem {
  readonly auditId: string;
  readonly at: string;
  readonly keyId: string;
  readonly name: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
}

interface Switch {
  readonly paused: boolean;
  readonly changedAt: string | null;
  readonly changedBy: string | null;
  readonly reason: string | null;
}

interface Key {
  readonly keyId: string;
  readonly name: string;
  readonly role: 'channel' | 'ops';
  readonly channel: 'web' | 'store' | 'app' | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

interface NewKey extends Key {
  readonly key: string;
}

/** A page of what is held on a member: lists, and on the first page what there is one of. */
interface ExportPage {
  readonly memberId: string;
  readonly exportedAt: string;
  readonly cursor: string | null;
}

export interface RoutesToCome {
  'GET /v1/members/{memberId}/export': {
    readonly request: {
      readonly params: { readonly memberId: string };
      readonly query: { readonly format?: 'json' | 'csv'; readonly cursor?: string };
    };
    readonly answer: Ok<200, ExportPage | string>;
  };
  'DELETE /v1/members/{memberId}': {
    readonly request: {
      readonly params: { readonly memberId: string };
      readonly body: { readonly reason?: string };
    };
    readonly answer: Ok<202, { readonly memberId: string; readonly status: 'erased' }>;
  };
  'POST /v1/adjustments': {
    readonly request: {
      readonly body: { readonly memberId: string; readonly points: number; readonly reason: string };
      readonly idempotencyKey: string;
    };
    readonly answer: Ok<201, Entry> | Ok<202, Adjustment>;
  };
  'GET /v1/adjustments': {
    readonly request: { readonly query: PageQuery & { readonly status?: 'waiting' | 'decided' } };
    readonly answer: Page<Adjustment>;
  };
  'POST /v1/adjustments/{adjustmentId}/approve': {
    readonly request: {
      readonly params: { readonly adjustmentId: string };
      readonly body: { readonly reason?: string };
      readonly idempotencyKey: string;
    };
    readonly answer: Ok<200, Entry>;
  };
  'POST /v1/adjustments/{adjustmentId}/reject': {
    readonly request: {
      readonly params: { readonly adjustmentId: string };
      readonly body: { readonly reason: string };
      readonly idempotencyKey: string;
    };
    readonly answer: Ok<200, Adjustment>;
  };
  'POST /v1/exceptions/{exceptionId}/retry': {
    readonly request: {
      readonly params: { readonly exceptionId: string };
      readonly body: Record<string, never>;
    };
    readonly answer: Ok<200, Exception>;
  };
  'POST /v1/exceptions/{exceptionId}/dismiss': {
    readonly request: {
      readonly params: { readonly exceptionId: string };
      readonly body: { readonly reason: string };
    };
    readonly answer: Ok<200, Exception>;
  };
  'POST /v1/dead-letters/redrive': {
    readonly request: { readonly body: { readonly consumer?: string; readonly limit?: number } };
    readonly answer: Ok<200, { readonly redriven: number; readonly left: number }>;
  };
  'GET /v1/switches/redemption': { readonly request: unknown; readonly answer: Ok<200, Switch> };
  'PUT /v1/switches/redemption': {
    readonly request: { readonly body: { readonly paused: boolean; readonly reason?: string } };
    readonly answer: Ok<200, Switch>;
  };
  'GET /v1/audit': { readonly request: { readonly query: PageQuery }; readonly answer: Page<AuditItem> };
  'GET /v1/keys': { readonly request: { readonly query: PageQuery }; readonly answer: Page<Key> };
  'POST /v1/keys': {
    readonly request: {
      readonly body: {
        readonly name: string;
        readonly role: 'channel' | 'ops';
        readonly channel?: 'web' | 'store' | 'app';
      };
    };
    readonly answer: Ok<201, NewKey>;
  };
  'POST /v1/keys/{keyId}/rotate': {
    readonly request: {
      readonly params: { readonly keyId: string };
      readonly body: { readonly graceHours?: number };
    };
    readonly answer: Ok<201, NewKey>;
  };
  'DELETE /v1/keys/{keyId}': {
    readonly request: { readonly params: { readonly keyId: string } };
    readonly answer: Ok<204, null>;
  };
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
