/** The card as an object: its material, the name on it, and whatever is printed below. */
import type { ComponentChildren } from 'preact';
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { EmbossedMonogram, Engraving, Monogram } from './monogram.tsx';

interface PlateProps {
  readonly programName: string;
  /** What stands in the top right corner: the tier. */
  readonly corner: ComponentChildren;
  /** The programme's own; null for those that the page wears. */
  readonly colours?: CardAnswer['colours'];
  readonly children: ComponentChildren;
}

/** Set as properties of the element, not in its markup: the pages allow no style of their own there. */
function own({ background, foreground, label }: NonNullable<CardAnswer['colours']>) {
  return { '--plate': background, '--plate-ink': foreground, '--plate-label': label };
}

export function Plate({ programName, corner, colours = null, children }: PlateProps) {
  return (
    <div class="plate" style={colours ? own(colours) : undefined}>
      <Engraving />
      <EmbossedMonogram name={programName} />
      <div class="plate-head">
        <span class="plate-brand">
          <Monogram name={programName} />
          {programName}
        </span>
        <span class="plate-corner">{corner}</span>
      </div>
      {children}
    </div>
  );
}
