import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { CardView } from '../../../core/card.ts';
import { createStrips } from '../../../passes/apple/strips.ts';
import { loadRasterizer, type Rasterizer } from '../../../passes/strip/raster.ts';
import { stripSvg } from '../../../passes/strip/svg.ts';
import { ana } from '../views.ts';
import { openWorkshop } from './build.ts';
import { unzip } from './read.ts';

let draw: Rasterizer;
beforeAll(async () => {
  draw = await loadRasterizer();
});

const stamped = (count: number, of = 5): CardView => ({
  ...ana,
  stamps: [{ id: 'a', name: 'A', count, of }],
});

describe('the strips of a card', () => {
  it("have Apple's three sizes, and each shows the card's own state", async () => {
    const { build } = await openWorkshop();
    for (const view of [ana, stamped(0)]) {
      const files = unzip(build(view));
      for (const [name, width, height] of [
        ['strip.png', 375, 144],
        ['strip@2x.png', 750, 288],
        ['strip@3x.png', 1125, 432],
      ] as const) {
        const bytes = files.get(name) ?? Buffer.alloc(0);
        expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([width, height]);
        expect(bytes.equals(draw(stripSvg(view, { width, height })))).toBe(true);
      }
    }
  });

  it('stay small: three weigh less than 64 KB, with the most that a strip can show', () => {
    const most = { ...stamped(10, 20), tier: { ...ana.tier, nextTier: null } };
    const bytes = createStrips(draw)(most).reduce((sum, strip) => sum + strip.bytes.length, 0);
    expect(bytes).toBeLessThan(64 * 1024);
  });

  it('know their checksums', () => {
    for (const strip of createStrips(draw)(ana)) {
      expect(strip.crc32).toBe(crc32(strip.bytes));
      expect(strip.sha1).toBe(createHash('sha1').update(strip.bytes).digest('hex'));
    }
  });

  it('are drawn once for all cards in one state', () => {
    const counting = vi.fn(draw);
    const strips = createStrips(counting);
    const first = strips(ana);
    expect(strips({ ...ana, name: 'Somebody else', balance: { ...ana.balance, available: 7 } })).toBe(first);
    expect(counting).toHaveBeenCalledTimes(3);
    expect(strips(stamped(4))).not.toBe(first);
    expect(counting).toHaveBeenCalledTimes(6);
  });

  it('are forgotten when many other states were asked for since, and only then', () => {
    const strips = createStrips(() => Buffer.alloc(0));
    const first = strips(ana);
    const askForOthers = (from: number, count: number) => {
      for (let value = from; value < from + count; value++) {
        const label = `#ff${value.toString(16).padStart(4, '0')}`;
        strips({ ...ana, colours: { background: '#000000', foreground: '#ffffff', label } });
      }
    };
    askForOthers(0, 159);
    askForOthers(100, 1);
    expect(strips(ana)).toBe(first);
    askForOthers(1000, 159);
    expect(strips(ana)).toBe(first);
    askForOthers(2000, 160);
    expect(strips(ana)).not.toBe(first);
  });
});
