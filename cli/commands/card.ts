/** `philia card`. */
import type { Command } from 'commander';
import { cardPreview } from './card-preview.ts';
import { cardShow } from './card-show.ts';
import { type Act, group } from './kit.ts';

export function cardCommands(program: Command, act: Act): void {
  const card = group(
    program,
    'card',
    'show where a card lives, and how it looks',
    'card show ada@example.com',
  );
  cardPreview(card, act);
  cardShow(card, act);
}
