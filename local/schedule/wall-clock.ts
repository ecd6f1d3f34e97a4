/** The clocks on the walls of a time zone, which go forward and back: some times do not exist there, some come twice. */

/** Answers what the clocks of a zone show at an instant, as if it were UTC; milliseconds since 1970. */
export function wallClockOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const parts = format.formatToParts(at).map(({ type, value }) => [type, Number(value)]);
    const { year = 0, month = 1, day, hour, minute, second } = Object.fromEntries(parts);
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
}

const dayMs = 86_400_000;

/** Whether the clocks showed the same once before, since they have gone back in the meantime. */
export function isRepeated(wallClock: (at: number) => number, at: number): boolean {
  const offset = (instant: number): number => wallClock(instant) - Math.floor(instant / 1000) * 1000;
  const back = offset(at - dayMs) - offset(at);
  return back > 0 && wallClock(at - back) === wallClock(at);
}
