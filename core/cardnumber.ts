/**
 * Card numbers are EAN-13 in the in-store range (GS1 General Specifications: prefixes 20–29 are for use
 * inside a company), so every till scanner reads them and none mistakes one for a product.
 */

/** The EAN-13 check digit of twelve digits: weights 1 and 3 from the left, up to the next multiple of ten. */
export function checkDigit(twelve: string): number {
  let sum = 0;
  for (const [index, digit] of [...twelve].entries()) sum += Number(digit) * (index % 2 === 0 ? 1 : 3);
  return (10 - (sum % 10)) % 10;
}

/** A card number from a random integer of 0 up to (not including) 10^10. */
export function makeCardNumber(random: number): string {
  const twelve = `29${String(random).padStart(10, '0')}`;
  return `${twelve}${checkDigit(twelve)}`;
}

/** Whether thirteen digits are a card of ours with a valid check digit. */
export function isCardNumber(text: string): boolean {
  return /^29\d{11}$/.test(text) && checkDigit(text.slice(0, 12)) === Number(text[12]);
}
