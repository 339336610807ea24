/** Levels of the two channels for a place between -1 (left) and 1 (right): equal power everywhere. */
export function panLevels(place: number): { readonly left: number; readonly right: number } {
  const angle = ((Math.min(1, Math.max(-1, place)) + 1) * Math.PI) / 4;
  return { left: Math.cos(angle) * Math.SQRT2, right: Math.sin(angle) * Math.SQRT2 };
}
