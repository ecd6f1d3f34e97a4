/** The look of a card whose programme has no colours of its own: cream and gold on a deep petrol. */
export const colours = {
  background: '#0f2a33',
  foreground: '#ffffff',
  label: '#e6cb98',
} as const;
