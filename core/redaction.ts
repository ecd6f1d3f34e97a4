/**
 * What somebody else's text says of people is left out before it is kept: nobody could find it again when they ask to
 * be forgotten.
 */

const email = /[\w.+%-]+@[\w-]+(?:\.[\w-]+)+/g;
const international = /\+\d[\d ().-]{6,}\d/g;
/** A field of JSON whose name says that its text is about a person or a place; the text may have been cut off. */
const personal =
  /("[\w-]*(?:name|address|street|city|zip|post(?:al)?_?code|phone|mobile|company|birth|dob|note|message|comment|ip)[\w-]*"\s*:\s*)"(?:[^"\\]|\\.)*("|$)/gi;

/** The text with three dots in the place of what names people. */
export function redacted(text: string): string {
  return text.replace(personal, '$1"…$2').replace(email, '…').replace(international, '…');
}
