/** The card as an object: its material, the name on it, and whatever is printed below. */
import type { ComponentChildren } from 'preact';
import { EmbossedMonogram, Engraving, Monogram } from './monogram.tsx';

interface PlateProps {
  readonly programName: string;
  /** What stands in the top right corner: the tier. */
  readonly corner: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Plate({ programName, corner, children }: PlateProps) {
  return (
    <div class="plate">
      <Engraving />
      <EmbossedMonogram />
      <div class="plate-head">
        <span class="plate-brand">
          <Monogram />
          {programName}
        </span>
        <span class="plate-corner">{corner}</span>
      </div>
      {children}
    </div>
  );
}
