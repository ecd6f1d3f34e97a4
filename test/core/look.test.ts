import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { viewCard } from '../../core/card.ts';
import { contrast, rgbOf } from '../../core/colours.ts';
import { fieldErrors } from '../../core/contract/errors.ts';
import { programDocument } from '../../core/program.ts';
import { getMember } from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { look } from '../passes/views.ts';
import { newMember } from '../support/histories.ts';
import { defaultProgram, testContext } from '../support/world.ts';

const shipped = JSON.parse(readFileSync(join(import.meta.dirname, '../../program.json'), 'utf8'));

/** `path: message` of everything that is wrong with a programme that has this card. */
function problemsOf(card: unknown): string[] {
  const parsed = programDocument.safeParse({ ...shipped, card });
  return parsed.success ? [] : fieldErrors(parsed.error).map(({ path, message }) => `${path}: ${message}`);
}

const [store] = look.stores;
const [beacon] = look.beacons;

describe('the contrast of two colours', () => {
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    // The greys between which WCAG's border for text on white lies.
    ['#767676', '#ffffff', 4.54],
    ['#777777', '#ffffff', 4.48],
    ['#ff0000', '#ffffff', 4],
    ['#0000ff', '#ffff00', 8],
  ])('of %s and %s is %d', (one, other, ratio) => {
    expect(contrast(rgbOf(one), rgbOf(other))).toBeCloseTo(ratio, 2);
    expect(contrast(rgbOf(other), rgbOf(one))).toBeCloseTo(ratio, 2);
  });
});

describe('the card of a programme', () => {
  it('may be left out, whole or in part, and is taken as it is', () => {
    for (const card of [undefined, {}, { stores: [] }, { colours: look.colours }, look])
      expect(programDocument.parse({ ...shipped, card }).card).toEqual(card);
  });

  it.each([
    [{ color: {} }, /^card\.color: unknown field$/],
    [{ colours: { ...look.colours, background: 'blue' } }, /^card\.colours\.background: must be a colour/],
    [
      { colours: { background: '#ffffff', foreground: '#777777', label: '#000000' } },
      /^card\.colours\.foreground: must have a contrast of at least 4\.5:1 to the background #ffffff; #777777 has 4\.47:1$/,
    ],
    [
      { colours: { background: '#000000', foreground: '#ffffff', label: '#222222' } },
      /^card\.colours\.label: must have a contrast/,
    ],
    [{ stores: Array.from({ length: 11 }, (_, at) => ({ ...store, id: `s${at}` })) }, /^card\.stores: /],
    [{ stores: [store, store] }, /^card\.stores\.1\.id: must be distinct: paris-01 stands twice$/],
    [{ stores: [{ ...store, latitude: 90.1 }] }, /^card\.stores\.0\.latitude: /],
    [{ stores: [{ ...store, longitude: -181 }] }, /^card\.stores\.0\.longitude: /],
    [{ stores: [{ ...store, name: undefined }] }, /^card\.stores\.0\.name: /],
    [{ beacons: Array.from({ length: 11 }, () => beacon) }, /^card\.beacons: /],
    [{ beacons: [{ proximityUUID: 'x' }] }, /^card\.beacons\.0\.proximityUUID: must be a UUID/],
    [{ beacons: [{ ...beacon, major: 65_536 }] }, /^card\.beacons\.0\.major: /],
    [{ beacons: [{ ...beacon, major: undefined }] }, /^card\.beacons\.0\.minor: must not be given without/],
    [{ nfc: {} }, /^card\.nfc\.encryptionPublicKey: /],
    [
      { nfc: { encryptionPublicKey: 'c2VjcmV0' } },
      /^card\.nfc\.encryptionPublicKey: must be the reader's P-256/,
    ],
    [{ supportUrl: 'http://example.com' }, /^card\.supportUrl: must be an https address$/],
    [{ supportUrl: 'javascript:alert(1)' }, /^card\.supportUrl: must be an https address$/],
  ])('%j is refused, with the place named', (card, problem) => {
    expect(problemsOf(card).join('\n')).toMatch(problem);
  });

  it('takes a P-256 key whole and compressed, and no other curve', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const keyOf = (namedCurve: string) =>
      generateKeyPairSync('ec', { namedCurve })
        .publicKey.export({ type: 'spki', format: 'der' })
        .toString('base64');
    expect(problemsOf({ nfc: { encryptionPublicKey: keyOf('P-256') } })).toEqual([]);
    expect(problemsOf({ nfc: look.nfc })).toEqual([]);
    const noPoint = look.nfc.encryptionPublicKey.replace('DIgAD', 'DIgAA');
    expect(problemsOf({ nfc: { encryptionPublicKey: noPoint } })).toHaveLength(1);
    for (const curve of ['P-384', 'secp256k1'])
      expect(problemsOf({ nfc: { encryptionPublicKey: keyOf(curve) } })).toHaveLength(1);
  });

  it('comes into every view of a card, and none of it where there is none', async () => {
    const ledger = testContext(createMemoryStore());
    const member = await getMember(ledger, await newMember(ledger, defaultProgram()));
    if (!member) throw new Error('The member is gone.');
    const view = (card: object | undefined) =>
      viewCard(
        defaultProgram(card && programDocument.parse({ ...shipped, card })),
        member.account,
        member.profile,
      );
    expect(view(look)).toMatchObject(look);
    const nothing = { colours: null, stores: [], beacons: [], nfc: null, supportUrl: null, lastChange: null };
    expect(view(undefined)).toMatchObject(nothing);
    expect(view({})).toMatchObject(nothing);
  });
});
