import type { RequestContext } from '../context.ts';
import type { Engine } from '../engine.ts';
import { castVoice, type CastingHouse, type CastVoice, type KnownVoice } from './voice-parts.ts';
import type { VoiceMeasure } from './voice-record.ts';

/**
 * How high a voice speaks here: one made from recordings by what was measured on them, any other by letting the engine
 * voice that plays it say a sentence. Undefined where nobody can tell.
 */
export async function measureVoiceHere(
  known: KnownVoice,
  house: CastingHouse,
  context: RequestContext,
): Promise<VoiceMeasure | undefined> {
  const recorded = known.kind === 'added' ? await known.likeness.measure() : undefined;
  if (recorded) return recorded;
  // The list may change while a voice is measured.
  const engines = house.engines.slice();
  for (const engine of engines) {
    const model = speechModelOf(engine, known);
    const part = model && { engine, model, language: languageOf(known), context };
    const cast = part && (await castVoice(known, part, house));
    if (!cast) continue;
    const measured = await house.casting.measure(cast.voice, part);
    return measured && shifted(measured, cast);
  }
  return undefined;
}

function speechModelOf(engine: Engine, known: KnownVoice): string | undefined {
  const own = known.kind === 'engine' ? known.voice.labels['model'] : undefined;
  return own ?? engine.models.find(({ capability }) => capability === 'speech')?.id;
}

function languageOf(known: KnownVoice): string {
  if (known.kind === 'engine') return known.voice.languages[0] ?? 'en';
  if (known.kind === 'added') return known.record.language ?? 'en';
  return known.preset.labels['language'] ?? 'en';
}

function shifted(measure: VoiceMeasure, { pitchSemitones }: CastVoice): VoiceMeasure {
  return { ...measure, pitchHertz: measure.pitchHertz * 2 ** (pitchSemitones / 12) };
}
