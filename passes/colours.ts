/** The look of a card whose programme has no colours of its own. */
export { plainColours as colours } from '../core/colours.ts';
