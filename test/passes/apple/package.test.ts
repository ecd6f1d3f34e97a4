import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundlePasses, createPassBuilder } from '../../../passes/apple/index.ts';
import { languages } from '../../../passes/labels.ts';
import { loadRasterizer } from '../../../passes/strip/raster.ts';
import { ana, arbView, check } from '../views.ts';
import { contentOf, now, openWorkshop, type Workshop } from './build.ts';
import { passJson, unzip } from './read.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});

describe('the package', () => {
  it('holds exactly the files of a pass, at its top level', () => {
    expect([...unzip(workshop.build(ana)).keys()].sort()).toEqual(
      [
        ...['', '@2x', '@3x'].flatMap((scale) =>
          ['icon', 'logo', 'strip'].map((name) => `${name}${scale}.png`),
        ),
        ...['de', 'en', 'es', 'fr', 'it', 'nl'].map((language) => `${language}.lproj/pass.strings`),
        'manifest.json',
        'pass.json',
        'signature',
      ].sort(),
    );
  });

  it('has a manifest of the SHA-1 of every file but itself and the signature', () => {
    const files = unzip(workshop.build(ana));
    const manifest = JSON.parse(files.get('manifest.json')?.toString() ?? '');
    files.delete('manifest.json');
    files.delete('signature');
    const hashes = [...files].map(([name, bytes]) => [name, createHash('sha1').update(bytes).digest('hex')]);
    expect(manifest).toEqual(Object.fromEntries(hashes));
  });

  it('has no image in a language folder that one at the top would hide', () => {
    for (const name of unzip(workshop.build(ana)).keys())
      expect(name).toMatch(/^([a-z]{2}\.lproj\/pass\.strings|[a-z]+(@[23]x)?\.png|[a-z]+\.json|signature)$/);
  });

  it('has the same bytes for the same card at the same time', () => {
    expect(workshop.build(ana).equals(workshop.build({ ...ana }))).toBe(true);
  });

  it('has a manifest that does not depend on when it is signed', () => {
    const manifest = workshop.manifest(ana);
    for (const at of [now, now + 60_000])
      expect(unzip(workshop.build(ana, at)).get('manifest.json')?.equals(manifest)).toBe(true);
  });

  it('is signed at the time that it is told', () => {
    expect(workshop.build(ana, now).equals(workshop.build(ana, now + 60_000))).toBe(false);
  });

  it('keeps a secret of its own: a short authentication token is refused', async () => {
    const builder = createPassBuilder(workshop.credentials, await loadRasterizer());
    expect(() => builder.build({ ...contentOf(ana), authenticationToken: 'short' }, now)).toThrow(
      "A pass's authentication token has at least 16 characters, not 5.",
    );
  });
});

describe('for any card', () => {
  it('the manifest changes with the balance and with nothing but the view', () => {
    check(
      fc.property(arbView, (view) => {
        const { balance } = view;
        const richer = { ...view, balance: { ...balance, available: balance.available + 1 } };
        const manifest = workshop.manifest(view);
        expect(workshop.manifest(structuredClone(view)).equals(manifest)).toBe(true);
        expect(workshop.manifest(richer).equals(manifest)).toBe(false);
      }),
    );
  });

  it('only strips, pass.json, manifest and signature differ from those of another', () => {
    check(
      fc.property(arbView, arbView, (one, other) => {
        const others = unzip(workshop.build(other));
        const strips = ['strip.png', 'strip@2x.png', 'strip@3x.png'];
        const changing = [...strips, 'pass.json', 'manifest.json', 'signature'];
        for (const [name, bytes] of unzip(workshop.build(one)))
          if (!changing.includes(name)) expect(others.get(name)?.equals(bytes), name).toBe(true);
        expect(others.size).toBe(6 + languages.length + changing.length);
      }),
      30,
    );
  });
});

describe('several cards of one person', () => {
  it('are one archive of whole passes, each under a name of its own', () => {
    const other = { ...ana, memberId: `${ana.memberId.slice(0, -1)}B` as typeof ana.memberId };
    const passes = [workshop.build(ana), workshop.build(other)];
    const files = unzip(bundlePasses(passes));
    expect([...files.keys()]).toEqual(['card-1.pkpass', 'card-2.pkpass']);
    for (const [index, bytes] of [...files.values()].entries())
      expect(bytes.equals(passes[index] ?? Buffer.alloc(0))).toBe(true);
    expect([...files.values()].map((bytes) => passJson(bytes)['serialNumber'])).toEqual([
      ana.memberId,
      other.memberId,
    ]);
  });
});
