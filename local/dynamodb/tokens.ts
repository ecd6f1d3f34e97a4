/** The lexer of all expressions. A character that begins no token is a symbol, which the parser then refuses. */
export interface Token {
  readonly kind: 'word' | 'name' | 'value' | 'index' | 'symbol' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const TOKEN =
  /\s*(?:([A-Za-z][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(0|[1-9]\d*)|(<>|<=|>=|[\s\S])|$)/y;
const KINDS = ['word', 'name', 'value', 'index', 'symbol'] as const;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (;;) {
    const match = TOKEN.exec(text);
    const group = match?.slice(1).findIndex((part) => part !== undefined) ?? -1;
    const kind = KINDS[group];
    if (match === null || kind === undefined || match[0].trim() === '') break;
    const content = match[group + 1] as string;
    tokens.push({ kind, text: content, start: TOKEN.lastIndex - content.length, end: TOKEN.lastIndex });
  }
  tokens.push({ kind: 'end', text: '<EOF>', start: text.length, end: text.length });
  return tokens;
}
