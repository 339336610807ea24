import type { SpeakerEngine, TranscriptionEngine } from '../engine.ts';
import { withinSupport } from '../speech/speech-settings.ts';
import type { Warning } from '../warning.ts';
import type { AskedTranscriptionSetting, TranscriptionSetting } from './transcription.ts';

/** Who serves a request, as far as settings are concerned. */
export interface Listeners {
  readonly transcription: TranscriptionEngine;
  readonly speakers: SpeakerEngine | undefined;
  readonly engineId: string;
}

/** Settings that the service takes care of itself, whatever the engine. */
const SERVED_BY_US: readonly TranscriptionSetting[] = ['voice_activity'];
/** Settings that need a model that tells speakers apart. */
const SERVED_BY_SPEAKERS: readonly TranscriptionSetting[] = [
  'diarization',
  'known_speakers',
  'speaker_count',
];

/** What a caller has to be told about the settings that were asked for. */
export function transcriptionWarnings(
  asked: readonly AskedTranscriptionSetting[],
  listeners: Listeners,
): Warning[] {
  return asked.flatMap((one) => warningFor(one, listeners) ?? []);
}

function warningFor(asked: AskedTranscriptionSetting, listeners: Listeners): Warning | undefined {
  if (SERVED_BY_US.includes(asked.setting)) return undefined;
  if (SERVED_BY_SPEAKERS.includes(asked.setting)) {
    if (listeners.speakers) return undefined;
    return { type: 'ignored', setting: asked.parameter, reason: 'no speaker model is installed' };
  }
  const support = listeners.transcription.settings[asked.setting];
  if (support === undefined) {
    return { type: 'ignored', setting: asked.parameter, reason: `${listeners.engineId} has no such control` };
  }
  if (typeof asked.value !== 'number') return undefined;
  const used = withinSupport(asked.value, support);
  return used === asked.value
    ? undefined
    : { type: 'adjusted', setting: asked.parameter, from: String(asked.value), to: String(used) };
}
