import type { PlacedVoice, VoicePlace, VoiceQuery, VoiceRecord } from '../../core/voices/voice-record.ts';
import { documentColumn } from './document-column.ts';
import { placeIn } from './reading-order.ts';

/** A voice of a row that has its place beside it. */
export function placedVoice(row: Readonly<Record<string, unknown>>): PlacedVoice {
  const { read } = documentColumn<VoiceRecord>();
  return { record: read(row), place: placeIn(row) };
}

/** The first voices of several owners, each of whose pages is in order. */
export function mergedPage(
  pages: readonly (readonly PlacedVoice[])[],
  { direction, limit }: VoiceQuery,
): readonly PlacedVoice[] {
  const [first, ...others] = pages;
  if (others.length === 0) return first ?? [];
  const sign = direction === 'newest_first' ? -1 : 1;
  const distance = (a: VoicePlace, b: VoicePlace) => a.createdAt - b.createdAt || a.row - b.row;
  return pages
    .flat()
    .toSorted((a, b) => sign * distance(a.place, b.place))
    .slice(0, limit);
}
