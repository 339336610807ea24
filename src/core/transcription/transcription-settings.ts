import type { HearingSettings, SpeakerEngine, TranscriptionEngine } from '../engine.ts';
import type { SettingSupport } from '../setting-support.ts';
import type { Candidate } from '../models/model-catalog.ts';
import { withinSupport } from '../setting-support.ts';
import type { Warning } from '../warning.ts';
import type { AskedTranscriptionSetting, TranscriptionSetting } from './transcription.ts';
import type { WordFinder } from './word-alignment.ts';

/** Who serves a request, as far as settings are concerned. */
export interface Listeners extends Pick<Candidate, 'engine' | 'card'> {
  readonly transcription: TranscriptionEngine;
  readonly speakers: SpeakerEngine | undefined;
  /** Finds words where the model gives them no times. */
  readonly finder?: WordFinder | undefined;
}

/** Settings that the service takes care of itself, whatever the engine. */
const SERVED_BY_US: readonly TranscriptionSetting[] = ['voice_activity'];
/** Settings that need a model that tells speakers apart. */
const SERVED_BY_SPEAKERS: readonly TranscriptionSetting[] = [
  'diarization',
  'known_speakers',
  'speaker_count',
  'speaker_likeness',
];

/** What a model obeys: its own list where models differ, else its engine's. */
export function hearingSettings(transcription: TranscriptionEngine, model: string): HearingSettings {
  return transcription.settingsOf?.(model) ?? transcription.settings;
}

/** How whoever serves a request obeys a setting; undefined where it is ignored. */
export function hearingSupport(
  setting: TranscriptionSetting,
  { transcription, speakers, card, finder }: Listeners,
): SettingSupport | undefined {
  if (SERVED_BY_US.includes(setting)) return 'any';
  if (SERVED_BY_SPEAKERS.includes(setting)) return speakers && 'any';
  const own = hearingSettings(transcription, card.id)[setting];
  return setting === 'word_times' ? (own ?? (finder && 'any')) : own;
}

/** What a caller has to be told about the settings that were asked for. */
export function transcriptionWarnings(
  asked: readonly AskedTranscriptionSetting[],
  listeners: Listeners,
): Warning[] {
  return asked.flatMap((one) => warningFor(one, listeners) ?? []);
}

function warningFor(asked: AskedTranscriptionSetting, listeners: Listeners): Warning | undefined {
  const support = hearingSupport(asked.setting, listeners);
  if (support === undefined) {
    return { type: 'ignored', setting: asked.parameter, reason: whyIgnored(asked.setting, listeners) };
  }
  if (typeof asked.value !== 'number') return undefined;
  const used = withinSupport(asked.value, support);
  return used === asked.value
    ? undefined
    : { type: 'adjusted', setting: asked.parameter, from: String(asked.value), to: String(used) };
}

function whyIgnored(setting: TranscriptionSetting, { engine, transcription, card }: Listeners): string {
  if (SERVED_BY_SPEAKERS.includes(setting)) return 'no speaker model is installed';
  // The engine may have the control and only this model lack it.
  const who = transcription.settings[setting] === undefined ? engine.id : card.id;
  return `${who} has no such control`;
}
