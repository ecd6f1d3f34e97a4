/** Where a picture cannot show a card as phones do, the designer is told. */
import { describe, expect, it } from 'vitest';
import { notesOf } from '../../../passes/preview/notes.ts';
import { ana } from '../views.ts';

describe('the notes on a preview', () => {
  it.each(['Zoë Ñandú', 'Łukasz – “Œuvre” № 5 €', 'Σοφία', 'Наталья'])('are none for %s', (name) => {
    expect(notesOf({ ...ana, name }, undefined)).toEqual([]);
  });

  it.each(['李小龍', 'محمد', 'Ana 😀'])('say that the PNG files lack letters of %s', (name) => {
    expect(notesOf({ ...ana, name }, undefined)).toEqual([
      'The PNG files lack letters of some names, which phones and card.html have.',
    ]);
  });

  it('say which language there are no words for', () => {
    expect(notesOf(ana, 'fr-CA')).toEqual([]);
    expect(notesOf(ana, 'ja')).toEqual([
      'There are no words for ja: the wallets show such a card in English.',
    ]);
  });
});
