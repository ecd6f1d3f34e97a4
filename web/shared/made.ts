/**
 * The cards to which a contact was given in this browser: whoever opens the link that was sent there is then the one who
 * gave it. Anybody else is asked, since somebody else may have.
 */
const key = 'made-cards';
const most = 10;

export function tokenOf(cardUrl: string): string {
  return new URL(cardUrl, location.href).pathname.split('/').at(-1) ?? '';
}

export function isMadeHere(cardUrl: string): boolean {
  return madeHere().includes(tokenOf(cardUrl));
}

export function rememberMade(cardUrl: string): void {
  const token = tokenOf(cardUrl);
  try {
    const tokens = [...madeHere().filter((one) => one !== token), token].slice(-most);
    localStorage.setItem(key, JSON.stringify(tokens));
  } catch {
    // Then the page asks.
  }
}

function madeHere(): readonly string[] {
  try {
    const tokens: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(tokens) ? tokens.map(String) : [];
  } catch {
    return [];
  }
}
