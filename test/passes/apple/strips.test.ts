import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { CardView } from '../../../core/card.ts';
import { createPassBuilder } from '../../../passes/apple/pass.ts';
import { byState, drawStrips } from '../../../passes/apple/strips.ts';
import { loadRasterizer, type Rasterizer } from '../../../passes/strip/raster.ts';
import { stateOf } from '../../../passes/strip/state.ts';
import { stripSvg } from '../../../passes/strip/svg.ts';
import { ana } from '../views.ts';
import { contentOf, now, openWorkshop } from './build.ts';
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
    const bytes = drawStrips(draw, stateOf(most)).reduce((sum, strip) => sum + strip.bytes.length, 0);
    expect(bytes).toBeLessThan(64 * 1024);
  });

  it('are drawn once for all cards in one state', async () => {
    const counting = vi.fn(draw);
    const builder = createPassBuilder((await openWorkshop()).credentials, counting);
    builder.manifest(contentOf(ana));
    const other = { ...ana, name: 'Somebody else', balance: { ...ana.balance, available: 7 } };
    builder.build(contentOf(other), now);
    expect(counting).toHaveBeenCalledTimes(3);
    builder.build(contentOf(stamped(4)), now);
    expect(counting).toHaveBeenCalledTimes(6);
  });
});

describe('what was made for a state', () => {
  it('is forgotten when many other states were asked for since, and only then', () => {
    const made = byState((state) => ({ state }));
    const first = made(ana);
    const askForOthers = (from: number, count: number) => {
      for (let value = from; value < from + count; value++) {
        const label = `#ff${value.toString(16).padStart(4, '0')}`;
        made({ ...ana, colours: { background: '#000000', foreground: '#ffffff', label } });
      }
    };
    askForOthers(0, 159);
    askForOthers(100, 1);
    expect(made(ana)).toBe(first);
    askForOthers(1000, 159);
    expect(made(ana)).toBe(first);
    askForOthers(2000, 160);
    expect(made(ana)).not.toBe(first);
  });

  it('is of its own state', () => {
    const made = byState((state) => state);
    for (const view of [ana, stamped(1), { ...ana, status: 'closed' as const }, ana])
      expect(made(view)).toEqual(stateOf(view));
  });
});
