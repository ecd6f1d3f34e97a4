/**
 * A small checker of linearizability (Herlihy and Wing, 1990; searched as Wing and Gong, 1993): given what
 * concurrent operations answered and a model of what each would do alone, is there one serial order that explains
 * every answer? All of them were under way at the same time, so any order will do. Operations that ask the same
 * and were answered the same are one class, since which of them comes first makes no difference: only how many of
 * each class are left is remembered with a state. One that changes nothing and is explained now is taken at once,
 * since it can stand in nobody's way.
 */

export interface Operation<Ask, Answer> {
  readonly ask: Ask;
  readonly answer: Answer;
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
  const classes = [...Map.groupBy(operations, (one) => JSON.stringify([one.ask, one.answer])).values()];
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
  const putBack = (index: number) => {
    left[index] = (left[index] ?? 0) + 1;
    order.pop();
  };

  const search = (state: State): boolean => {
    const text = JSON.stringify(state);
    const free: number[] = [];
    for (const index of classes.keys())
      for (let after = take(index, state); after !== undefined; after = take(index, state)) {
        if (JSON.stringify(after) === text) free.push(index);
        else {
          putBack(index);
          break;
        }
      }
    if (order.length === operations.length && isEnd(state)) return true;
    const place = `${left.join(',')} ${text}`;
    if (!seen.has(place)) {
      seen.add(place);
      for (const index of classes.keys()) {
        const after = take(index, state);
        if (after === undefined) continue;
        if (search(after)) return true;
        putBack(index);
      }
    }
    for (const index of free.reverse()) putBack(index);
    return false;
  };
  return search(start) ? { explained: true, order } : { explained: false, statesSeen: seen.size };
}
