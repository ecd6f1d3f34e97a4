import type { Path } from './expressions.ts';
import { Parser } from './parser.ts';
import type { Placeholders } from './placeholders.ts';

/** Parses a ProjectionExpression: paths of which none lies within another. */
export function parseProjection(text: string, placeholders: Placeholders): readonly Path[] {
  return new ProjectionParser(text, placeholders, 'ProjectionExpression').projection();
}

class ProjectionParser extends Parser {
  projection(): readonly Path[] {
    const paths = this.separatedByCommas(() => this.path());
    this.expectEnd();
    this.assertDisjoint(paths);
    return paths;
  }
}
