/** A mutant is told by the first cases of a property or by none: the thousands are for the whole suite. */
import fc from 'fast-check';

fc.configureGlobal({ interruptAfterTimeLimit: 4_000 });
