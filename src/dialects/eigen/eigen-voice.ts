import type { Principal } from '../../core/context.ts';
import type { VoiceLibrary } from '../../core/voices/voice-library.ts';
import type { VoiceRef } from '../../core/voices/voice.ts';
import type { Warning } from '../../core/warning.ts';
import { invalidFields } from '../parse-body.ts';
import type { FormFile } from '../parse-form.ts';
import { mediaAt } from '../media-address.ts';
import type { EigenSpeechModel, SpeechFields, VoiceSource } from './eigen-speech-models.ts';
import { checkSampleFile } from './eigen-voice-sample.ts';

/** The fields that name a voice which is here, each with the voice's id. */
export type NamedVoices = ReadonlyMap<string, string>;

/** What a choice of voice is made from. */
export interface VoiceWish {
  readonly model: EigenSpeechModel;
  readonly fields: SpeechFields;
  readonly files: readonly FormFile[];
  /** Who the names in the fields are. */
  readonly voices: NamedVoices;
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
  if (kind === 'url') return { kind: 'sample', audio: mediaAt(field, name), ...lengthLimit(wish.model) };
  const id = wish.voices.get(field);
  if (id !== undefined) return { kind: 'id', id };
  const hint = wish.model.defaultVoice === undefined ? '' : `; ${wish.model.defaultVoice} is one`;
  const message = `there is no voice '${name}' here${hint}`;
  throw invalidFields([{ path: [field], kind: 'not_allowed_value', message, received: name }]);
}

function sampleFile(file: FormFile, model: EigenSpeechModel): VoiceRef {
  checkSampleFile(file, model.maxSampleSeconds === undefined ? {} : { maxSeconds: model.maxSampleSeconds });
  return { kind: 'sample', audio: { ...file.media, filename: file.filename }, ...lengthLimit(model) };
}

function lengthLimit({ maxSampleSeconds }: EigenSpeechModel): { readonly maxSeconds?: number } {
  return maxSampleSeconds === undefined ? {} : { maxSeconds: maxSampleSeconds };
}

/** Looks up the voices that a body names, for its caller. */
export async function findNamedVoices(
  library: VoiceLibrary,
  fields: Readonly<Record<string, unknown>>,
  principal: Principal,
): Promise<NamedVoices> {
  const found = new Map<string, string>();
  for (const field of ['voice', 'voice_id', 'voice_name']) {
    const name = fields[field];
    if (typeof name !== 'string') continue;
    // This field is for voices that were saved, so one of those goes before a well-known one of the same name.
    const saved = field === 'voice_name' ? await library.findAdded(name, principal) : undefined;
    if (saved) found.set(field, saved.id);
    else if (await library.find(name, principal)) found.set(field, name);
  }
  return found;
}
