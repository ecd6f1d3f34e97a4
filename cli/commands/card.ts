/** `philia card`. */
import type { Command } from 'commander';
import { cardShow } from './card-show.ts';
import { type Act, group } from './kit.ts';

export function cardCommands(program: Command, act: Act): void {
  const card = group(program, 'card', "show where a member's card lives", 'card show ada@example.com');
  cardShow(card, act);
}
