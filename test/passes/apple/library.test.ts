/**
 * passkit-generator as the oracle: from the same content it makes the same files with the same bytes, except
 *
 * - `signature`: it signs with SHA-1 and puts both certificates in the opposite order. Ours is held against
 *   OpenSSL, with SHA-256.
 * - `xx.lproj/pass.strings`: it writes UTF-8 without a byte order mark, does not escape quotes, backslashes and
 *   line breaks, and ends lines as the machine does; readers differ in what they make of that. Ours are UTF-16
 *   with the mark and escaped. Keys and values are the same.
 * - `expirationDate` of a closed card's pass.json: it adds `.000` to the seconds; Apple speaks of seconds only.
 * - `manifest.json`: it lists the files in the order in which it met them, with the hashes of its own bytes.
 */
import fc from 'fast-check';
import { PKPass } from 'passkit-generator';
import { beforeAll, expect, it, vi } from 'vitest';
import { translated } from '../../../passes/apple/strings.ts';
import { languages } from '../../../passes/labels.ts';
import { arbView, check } from '../views.ts';
import { openWorkshop, type Workshop } from './build.ts';
import { parseStrings, passJson, unzip } from './read.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});

const isOfTheLibrarysOwn = (name: string) => /\.strings$|^manifest\.json$|^signature$/.test(name);

/** What the library makes of the content of one of our passes. */
function byLibrary(ours: ReadonlyMap<string, Buffer>): Record<string, Buffer> {
  const { certificate: signerCert, privateKey: signerKey, wwdr } = workshop.chain;
  const content = [...ours].filter(([name]) => !isOfTheLibrarysOwn(name));
  const library = new PKPass(Object.fromEntries(content), { signerCert, signerKey, wwdr });
  for (const language of languages)
    library.localize(language, Object.fromEntries(translated.map((text) => [text.en, text[language]])));
  return library.getAsRaw();
}

function parsed(bytes: Buffer | undefined): Record<string, unknown> {
  return JSON.parse(bytes?.toString() ?? 'null');
}

it('passkit-generator makes the same files with the same bytes of any card, and warns of nothing', () => {
  const warned = vi.spyOn(console, 'warn');
  check(
    fc.property(arbView, (view) => {
      const ours = unzip(workshop.build(view));
      const theirs = byLibrary(ours);
      expect(Object.keys(theirs).sort()).toEqual([...ours.keys()].sort());
      const same = [...ours.keys()].filter(
        (name) => !isOfTheLibrarysOwn(name) && (name !== 'pass.json' || view.status === 'active'),
      );
      for (const name of same) expect(theirs[name]?.equals(ours.get(name) as Buffer), name).toBe(true);
      const withoutMilliseconds = theirs['pass.json']
        ?.toString()
        .replace(/(:\d\d)\.000Z","barcodes"/, '$1Z","barcodes"');
      expect(withoutMilliseconds).toBe(ours.get('pass.json')?.toString());
      const [own, other] = [parsed(ours.get('manifest.json')), parsed(theirs['manifest.json'])];
      expect(Object.keys(other).sort()).toEqual(Object.keys(own).sort());
      for (const name of same) expect(other[name], name).toBe(own[name]);
    }),
    40,
  );
  expect(warned).not.toHaveBeenCalled();
});

it('its translations have the keys and values of ours, line by line', () => {
  const ours = unzip(workshop.build(fc.sample(arbView, { numRuns: 1, seed: 1 })[0] as never));
  const theirs = byLibrary(ours);
  for (const language of languages) {
    const name = `${language}.lproj/pass.strings`;
    const lines = [...parseStrings(ours.get(name) ?? Buffer.alloc(0))].map(
      ([key, value]) => `"${key}" = "${value}";`,
    );
    expect(theirs[name]?.toString('utf8').split(/\r?\n/)).toEqual(lines);
  }
});

it('field by field, through its own functions, it comes to the same pass', () => {
  check(
    fc.property(arbView, (view) => {
      const ours = passJson(workshop.build(view));
      const { storeCard, barcodes, locations, beacons, nfc, expirationDate: _, ...rest } = ours;
      const library = new PKPass({}, undefined, rest as never);
      library.type = 'storeCard';
      for (const [name, fields] of Object.entries(storeCard))
        library[name as keyof typeof storeCard].push(...(fields as never[]));
      library.setBarcodes(...(barcodes as never[]));
      if (locations) library.setLocations(...(locations as never[]));
      if (beacons) library.setBeacons(...(beacons as never[]));
      if (nfc) library.setNFC(nfc as never);
      if (view.status === 'closed') library.setExpirationDate(new Date(view.updatedAt));
      const { expirationDate: theirs, ...made } = library.props;
      const { expirationDate: own, ...wanted } = ours;
      expect(made).toEqual(wanted);
      // It writes the same instant with the offset of the machine's zone.
      expect(theirs && Date.parse(theirs)).toBe(own && Date.parse(own as string));
    }),
  );
});
