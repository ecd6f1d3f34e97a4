/**
 * Maps whose names others give: ids of a programme, lines of a channel, purposes of consents. Such a name may be one
 * that every object answers to (`constructor`, `__proto__`), so what is asked is what the map itself holds; a test of
 * the rules sees to it that nothing else asks.
 */
export function ownValue<T>(map: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}
