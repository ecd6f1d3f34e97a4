/** The bus. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { inTime } from '../kit/budget.ts';
import { type Bus, createBus } from '../kit/bus.ts';

export function connect(
  settings: object,
  name: string,
  sleep: (milliseconds: number) => Promise<void>,
  lost: (error: unknown) => void,
): Bus {
  return createBus(inTime(new EventBridgeClient(settings)), name, sleep, lost);
}
