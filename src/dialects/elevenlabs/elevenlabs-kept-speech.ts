import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { HistoryRecord } from '../../core/history/history-record.ts';
import type { KeptSpeech } from '../../core/history/speech-history.ts';
import type { SpeechResult } from '../../core/speech/speech.ts';
import type { KnownVoice } from '../../core/voices/voice-library.ts';
import { DEFAULT_OUTPUT_FORMAT, outputFormats, type OutputFormatName } from './elevenlabs-formats.ts';

/** What was asked for, as far as the history tells it. */
export interface SpeechToKeep {
  readonly source: HistoryRecord['source'];
  /** `false`: nothing may be kept of it, and nothing can be joined to it later. */
  readonly enableLogging: boolean | undefined;
  readonly model: string;
  readonly voice: KnownVoice;
  /** Empty where something else than a text was asked for. */
  readonly text: string;
  /** What it costs, in the vendor's credits. */
  readonly cost: number;
  readonly outputFormat: OutputFormatName | undefined;
  readonly settings: object | null | undefined;
}

/** Keeps a speech in the caller's history while it is sent, unless the caller does not want that. */
export function keepSpeech(
  core: Core,
  { asked, result }: { readonly asked: SpeechToKeep; readonly result: SpeechResult },
  context: RequestContext,
): KeptSpeech {
  if (asked.enableLogging === false) return { result, id: undefined };
  const format = asked.outputFormat ?? DEFAULT_OUTPUT_FORMAT;
  return core.history.keep(
    result,
    {
      source: asked.source,
      model: asked.model,
      ...voiceFacts(asked.voice),
      text: asked.text,
      characters: asked.cost,
      mediaType: outputFormats[format].contentType,
      format,
      settings: { ...asked.settings },
    },
    context,
  );
}

/** The header by which a caller finds the speech in the history. */
export function historyHeader({ id }: KeptSpeech): Record<string, string> {
  return id === undefined ? {} : { 'history-item-id': id };
}

const CATEGORIES = { built_in: 'premade', cloned: 'cloned', designed: 'generated' } as const;

function voiceFacts(known: KnownVoice): Pick<HistoryRecord, 'voiceId' | 'voiceName' | 'voiceCategory'> {
  switch (known.kind) {
    case 'preset':
      return { voiceId: known.preset.id, voiceName: known.preset.name, voiceCategory: 'premade' };
    case 'engine':
      return {
        voiceId: known.voice.id,
        voiceName: known.voice.name,
        voiceCategory: CATEGORIES[known.voice.origin],
      };
    case 'added':
      return {
        voiceId: known.record.id,
        voiceName: known.record.name,
        voiceCategory: CATEGORIES[known.record.origin],
      };
  }
}
