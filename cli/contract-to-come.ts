/** Operations whose place in the route table is still to come; once it is there, the table counts. */

interface Ok<S extends number, B> {
  readonly status: S;
  readonly body: B;
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
}
