import type { VoiceRef } from '../../core/voices/voice.ts';
import type { Warning } from '../../core/warning.ts';
import { invalidFields } from '../parse-body.ts';
import type { FormFile } from '../parse-form.ts';
import type { EigenSpeechModel, SpeechFields, VoiceSource } from './eigen-speech-models.ts';
import { checkSampleFile, checkSampleUrl } from './eigen-voice-sample.ts';

/** What a choice of voice is made from. */
export interface VoiceWish {
  readonly model: EigenSpeechModel;
  readonly fields: SpeechFields;
  readonly files: readonly FormFile[];
  /** Whether the voice library has such a voice. */
  readonly knowsVoice: (name: string) => boolean;
}

/** The voice that decides, the field that named it, and the voices that were named beside it in vain. */
export interface VoiceChoice {
  readonly voice: VoiceRef;
  readonly field: string;
  readonly warnings: readonly Warning[];
}

/** Picks the voice by the model's order of precedence. Throws `invalid_request` naming the field that is wrong. */
export function chooseVoice(wish: VoiceWish): VoiceChoice {
  const filled = wish.model.voiceSources.filter(({ field }) => valueOf(wish, field) !== undefined);
  const [chosen, ...others] = filled;
  if (!chosen) return { voice: defaultVoice(wish.model), field: 'voice', warnings: [] };
  if (wish.model.voiceStandsAlone && others.some(({ field }) => field === 'voice'))
    throw excluded(chosen.field);
  return {
    voice: toVoice(chosen, wish),
    field: chosen.field,
    warnings: others.map(({ field }) => ({
      type: 'ignored',
      setting: field,
      reason: `${chosen.field} takes precedence`,
    })),
  };
}

function defaultVoice(model: EigenSpeechModel): VoiceRef {
  return model.defaultVoice === undefined ? { kind: 'default' } : { kind: 'id', id: model.defaultVoice };
}

function excluded(field: string) {
  const message = `cannot be combined with ${field}; send one of them`;
  return invalidFields([{ path: ['voice'], kind: 'excluded', message }]);
}

function valueOf(wish: VoiceWish, field: VoiceSource['field']): string | FormFile | undefined {
  if (field === 'voice_reference_file' || field === 'audio_prompt_file') {
    return wish.files.find((file) => file.field === field);
  }
  const value = wish.fields[field];
  return typeof value === 'string' ? value : undefined;
}

function toVoice({ field, kind }: VoiceSource, wish: VoiceWish): VoiceRef {
  const value = valueOf(wish, field);
  if (typeof value === 'object') return sampleFile(value, wish.model);
  const name = value ?? '';
  if (kind === 'url') {
    checkSampleUrl(field, name);
    return { kind: 'sample', audio: { kind: 'url', url: name } };
  }
  if (wish.knowsVoice(name)) return { kind: 'id', id: name };
  const hint = wish.model.defaultVoice === undefined ? '' : `; ${wish.model.defaultVoice} is one`;
  const message = `there is no voice '${name}' here${hint}`;
  throw invalidFields([{ path: [field], kind: 'not_allowed_value', message, received: name }]);
}

function sampleFile(file: FormFile, model: EigenSpeechModel): VoiceRef {
  checkSampleFile(file, model.maxSampleSeconds === undefined ? {} : { maxSeconds: model.maxSampleSeconds });
  return { kind: 'sample', audio: { ...file.media, filename: file.filename } };
}
