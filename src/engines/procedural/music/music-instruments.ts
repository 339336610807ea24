import { FmVoice } from './music-fm-voice.ts';
import type { InstrumentSpec } from './music-instrument.ts';
import { STRUCK_INSTRUMENTS } from './music-instruments-keys.ts';
import { BLOWN_INSTRUMENTS } from './music-instruments-blown.ts';
import { SYNTH_INSTRUMENTS } from './music-instruments-synths.ts';
import { PluckedVoice } from './music-plucked-voice.ts';
import { StruckVoice } from './music-struck-voice.ts';
import type { Instrument, Role } from './music-terms.ts';
import { ToneVoice } from './music-tone-voice.ts';
import type { Note, Voice } from './music-voice.ts';

const SPECS: Readonly<Record<Instrument, InstrumentSpec>> = {
  ...STRUCK_INSTRUMENTS,
  ...BLOWN_INSTRUMENTS,
  ...SYNTH_INSTRUMENTS,
};

/** What an instrument is made of. */
export function instrumentSpec(instrument: Instrument): InstrumentSpec {
  return SPECS[instrument];
}

/** The note around which an instrument plays its part. */
export function instrumentMiddle(instrument: Instrument, role: Role): number {
  const { middle, chordMiddle } = SPECS[instrument];
  if (role === 'melody' || role === 'bass') return middle;
  if (role === 'counter') return Math.min(middle, 67);
  return role === 'arpeggio'
    ? Math.round((middle + (chordMiddle ?? middle)) / 2) + 2
    : (chordMiddle ?? middle);
}

/** A note of an instrument, about to sound. */
export function createVoice(instrument: Instrument, note: Note): Voice {
  const { sound } = SPECS[instrument];
  switch (sound.kind) {
    case 'tone':
      return new ToneVoice(sound, note);
    case 'struck':
      return new StruckVoice(sound, note);
    case 'fm':
      return new FmVoice(sound, note);
    case 'plucked':
      return new PluckedVoice(sound, note);
  }
}
