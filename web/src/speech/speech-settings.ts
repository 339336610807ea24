import type { ParameterFate } from './speech-models.ts';
import type { SettingValue, SpeechDialect } from './speech-wish.ts';

/** How a setting is asked for on the page. */
export type SettingControl =
  | { readonly kind: 'number'; readonly minimum: number; readonly maximum: number; readonly step: number }
  | { readonly kind: 'text' }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'switch' };

export interface OfferedSetting {
  readonly name: string;
  readonly label: string;
  readonly control: SettingControl;
  readonly hint?: string;
}

const share: SettingControl = { kind: 'number', minimum: 0, maximum: 1, step: 0.05 };
const pace: SettingControl = { kind: 'number', minimum: 0.25, maximum: 4, step: 0.05 };
const whole = (maximum: number): SettingControl => ({ kind: 'number', minimum: 0, maximum, step: 1 });
const text: SettingControl = { kind: 'text' };
const anySwitch: SettingControl = { kind: 'switch' };
const SEEDS = 4_294_967_295;

/** Every setting that fits into a field, by the vendor's spelling. */
const KNOWN: Readonly<Record<string, readonly [label: string, control: SettingControl]>> = {
  speed: ['Speed', pace],
  instructions: ['Instructions', text],
  language_code: ['Language code', text],
  'voice_settings.speed': ['Speed', pace],
  'voice_settings.stability': ['Stability', share],
  'voice_settings.similarity_boost': ['Similarity', share],
  'voice_settings.style': ['Style', share],
  'voice_settings.use_speaker_boost': ['Speaker boost', anySwitch],
  seed: ['Seed', whole(SEEDS)],
  previous_text: ['Text before', text],
  next_text: ['Text after', text],
  apply_text_normalization: ['Numbers in words', { kind: 'choice', options: ['auto', 'on', 'off'] }],
  apply_language_text_normalization: ['Language’s own normalisation', anySwitch],
  'sampling.temperature': ['Temperature', { kind: 'number', minimum: 0, maximum: 2, step: 0.05 }],
  'sampling.top_p': ['Top p', share],
  'sampling.top_k': ['Top k', whole(1000)],
  language_id: ['Language', text],
  language: ['Language', text],
  exaggeration: ['Exaggeration', { kind: 'number', minimum: 0, maximum: 2, step: 0.05 }],
  temperature: ['Temperature', { kind: 'number', minimum: 0, maximum: 5, step: 0.05 }],
  diffusion_steps: ['Diffusion steps', whole(100)],
  max_tokens: ['Most tokens', whole(100_000)],
  top_p: ['Top p', share],
  min_p: ['Min p', share],
  repetition_penalty: ['Repetition penalty', { kind: 'number', minimum: 1, maximum: 2, step: 0.05 }],
};

/** Eigen AI's models take different fields; its table says only what becomes of each where it is taken. */
const EIGEN_FIELDS: Readonly<Record<string, readonly string[]>> = {
  chatterbox:
    'language_id exaggeration temperature diffusion_steps max_tokens top_p min_p repetition_penalty seed'.split(
      ' ',
    ),
  'qwen3-tts': ['voice_settings.speed', 'language', 'instructions'],
};
const EIGEN_USUAL = ['voice_settings.speed', 'sampling.temperature', 'sampling.top_p', 'sampling.top_k'];

export interface ModelInDialect {
  readonly dialect: SpeechDialect;
  readonly model: string;
  readonly parameters: Readonly<Record<string, ParameterFate>>;
}

/** The settings that a model obeys, in the order of the table. */
export function offeredSettings({ dialect, model, parameters }: ModelInDialect): readonly OfferedSetting[] {
  const taken = dialect === 'eigen' ? (EIGEN_FIELDS[model] ?? EIGEN_USUAL) : Object.keys(parameters);
  return taken.flatMap((name): OfferedSetting[] => {
    const [label, control] = KNOWN[name] ?? [];
    const fate = parameters[name];
    if (label === undefined || control === undefined || !fate || fate.fate === 'ignored') return [];
    const range = fate.minimum === undefined || fate.maximum === undefined ? '' : rangeWords(fate);
    const hint = fate.fate === 'adjusted' ? 'Followed roughly.' : range;
    return [{ name, label, control, ...(hint === '' ? {} : { hint }) }];
  });
}

/** The names that a model takes and does nothing with. */
export function ignoredSettings({ dialect, model, parameters }: ModelInDialect): readonly string[] {
  const taken = dialect === 'eigen' ? (EIGEN_FIELDS[model] ?? EIGEN_USUAL) : Object.keys(parameters);
  return taken.filter((name) => parameters[name]?.fate === 'ignored');
}

function rangeWords({ minimum, maximum }: ParameterFate): string {
  return `Followed from ${minimum} to ${maximum}.`;
}

/** What was written into the fields, as the vendor wants it; what is empty is left to the server. */
export function toSettings(
  offered: readonly OfferedSetting[],
  written: Readonly<Record<string, string>>,
): Record<string, SettingValue> {
  const settings: Record<string, SettingValue> = {};
  for (const { name, control } of offered) {
    const value = written[name]?.trim() ?? '';
    if (value === '') continue;
    if (control.kind === 'number') settings[name] = Number(value);
    else if (control.kind === 'switch') settings[name] = value === 'on';
    else settings[name] = value;
  }
  return settings;
}
