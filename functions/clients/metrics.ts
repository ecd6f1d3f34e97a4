/** The metrics of this function, for those that tell how late cards are. */
import { measure } from '../kit/metrics.ts';

export function connect(): typeof measure {
  return measure;
}
