/**
 * A small checker of linearizability (Herlihy and Wing, 1990; searched as Wing and Gong, 1993): given what
 * concurrent operations answered and a model of what each would do alone, is there one serial order that explains
 * every answer? All of them were under way at the same time, so any order will do. Operations that ask the same
 * and were answered the same are one class, since which of them comes first makes no difference: only how many of
 * each class are left is remembered with a state. One that changes nothing and is explained now is taken at once,
 * since it can stand in nobody's way.
 *
 * The search takes exponential time where it has to guess. A place that an operation is said to have had is tried
 * first, so that it need not guess where the places are true; it proves nothing by itself, since whatever order is
 * found is one that the model has gone through step by step.
 */

export interface Operation<Ask, Answer> {
  readonly ask: Ask;
  readonly answer: Answer;
  /** Where it seems to stand in the order; unknown of what has left no trace. */
  readonly place?: number | undefined;
}

export interface Model<State, Ask, Answer> {
  readonly start: State;
  /** What an operation answers on a state, and the state after it. */
  readonly step: (state: State, ask: Ask) => { readonly state: State; readonly answer: Answer };
  /** Whether a state may be the last one. */
  readonly isEnd: (state: State) => boolean;
}

export type Serial<Ask, Answer> =
  | { readonly explained: true; readonly order: readonly Operation<Ask, Answer>[] }
  | { readonly explained: false; readonly statesSeen: number };

/** Looks for the order. States, questions and answers are plain data. */
export function serialOrder<State, Ask, Answer>(
  { start, step, isEnd }: Model<State, Ask, Answer>,
  operations: readonly Operation<Ask, Answer>[],
): Serial<Ask, Answer> {
  const inOrder = operations.toSorted((a, b) => placeOf(a) - placeOf(b));
  const classes = [...Map.groupBy(inOrder, (one) => JSON.stringify([one.ask, one.answer])).values()];
  const left = classes.map((members) => members.length);
  const seen = new Set<string>();
  const order: Operation<Ask, Answer>[] = [];

  /** Takes one operation of a class if the state explains it; undefined if not. */
  const take = (index: number, state: State): State | undefined => {
    const one = left[index] === 0 ? undefined : classes[index]?.[0];
    if (!one) return undefined;
    const after = step(state, one.ask);
    if (JSON.stringify(after.answer) !== JSON.stringify(one.answer)) return undefined;
    left[index] = (left[index] ?? 0) - 1;
    order.push(one);
    return after.state;
  };
  /** The classes that have something left: those that change nothing, then the one whose next stands first. */
  const likeliest = (state: State, text: string): number[] => {
    const next = (index: number) => classes[index]?.at(-(left[index] ?? 0));
    const open = [...classes.keys()].filter((index) => left[index] !== 0);
    const isIdle = (index: number) => {
      const [one] = classes[index] ?? [];
      return one !== undefined && JSON.stringify(step(state, one.ask).state) === text;
    };
    const idle = new Set(open.filter(isIdle));
    return open.toSorted(
      (a, b) => Number(idle.has(b)) - Number(idle.has(a)) || placeOf(next(a)) - placeOf(next(b)),
    );
  };
  const putBack = (index: number) => {
    left[index] = (left[index] ?? 0) + 1;
    order.pop();
  };

  const search = (state: State): boolean => {
    if (order.length === operations.length && isEnd(state)) return true;
    const text = JSON.stringify(state);
    const place = `${left.join(',')} ${text}`;
    if (seen.has(place)) return false;
    seen.add(place);
    for (const index of likeliest(state, text)) {
      const after = take(index, state);
      if (after === undefined) continue;
      if (search(after)) return true;
      putBack(index);
    }
    return false;
  };
  return search(start) ? { explained: true, order } : { explained: false, statesSeen: seen.size };
}

/** A number behind every place for what has none; never infinite, so that two of them can be subtracted. */
function placeOf(one: { readonly place?: number | undefined } | undefined): number {
  return one?.place ?? Number.MAX_SAFE_INTEGER;
}
