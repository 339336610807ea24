import type { FastifyInstance } from 'fastify';
import { isInScope, type Grant } from '../../core/access/grant.ts';
import type { Core } from '../../core/core.ts';
import type { Candidate } from '../../core/models/model-catalog.ts';
import { primaryLanguage } from '../../core/voices/voice-library.ts';
import { servedCandidates, serversIn } from '../../core/models/served-candidates.ts';
import type { MountOptions } from '../dialect.ts';
import { vendorModels, type VendorModel } from './elevenlabs-models.ts';

/** Registers the list of models that a caller's key is for. Where the path is shared with other vendors, only this vendor's callers get it. */
export function modelRoutes(scope: FastifyInstance, core: Core, options: MountOptions): void {
  const constraints = options.shared ? { dialect: 'elevenlabs' } : {};
  scope.get('/v1/models', { constraints }, async (request) => {
    const { grant } = request.antiphon.principal;
    await core.models.refresh();
    return vendorModels
      .filter((model) => model.listed && isOpen(core, grant, model))
      .map((model) => entry(core, model));
  });
}

function isOpen({ models }: Core, grant: Grant, { id, capability }: VendorModel): boolean {
  return isInScope(grant, { capability, model: id }, serversIn(models));
}

function entry(core: Core, model: VendorModel) {
  const candidates = servedCandidates(core.models, model.id, model.capability);
  const speaks = model.capability === 'speech' && candidates.length > 0;
  const most = model.maxCharacters ?? 0;
  return {
    model_id: model.id,
    name: model.title,
    description: model.description,
    can_be_finetuned: false,
    can_do_text_to_speech: speaks,
    can_do_voice_conversion: model.capability === 'conversion' && candidates.length > 0,
    can_use_style: obeys(candidates, 'style'),
    can_use_speaker_boost: obeys(candidates, 'speaker_boost'),
    serves_pro_voices: false,
    token_cost_factor: model.costFactor,
    requires_alpha_access: false,
    max_characters_request_free_user: most,
    max_characters_request_subscribed_user: most,
    maximum_text_length_per_request: most,
    languages: model.languages.filter((language) => isSpoken(candidates, language)).map(named),
    model_rates: { character_cost_multiplier: model.costFactor },
    concurrency_group: /turbo|flash/.test(model.id) ? 'turbo' : 'standard',
    antiphon: {
      served_by: candidates.map(({ card }) => card.id),
      stand_in: candidates[0]?.standIn ?? false,
    },
  };
}

function obeys(candidates: readonly Candidate[], setting: 'style' | 'speaker_boost'): boolean {
  return candidates[0]?.engine.speech?.settings[setting] !== undefined;
}

/** Codes of one language that are used side by side: Norwegian with its written forms, Chinese with Mandarin, Filipino with Tagalog. */
const OTHER_CODES: Readonly<Record<string, readonly string[]>> = {
  no: ['nb', 'nn'],
  zh: ['cmn'],
  fil: ['tl'],
};

/** A language is listed only when an engine that serves the model has a voice for it. */
function isSpoken(candidates: readonly Candidate[], language: string): boolean {
  const codes = [language, ...(OTHER_CODES[language] ?? [])];
  return candidates.some(
    ({ card, engine }) =>
      (card.languages === 'any' || codes.some((code) => card.languages.includes(code))) &&
      engine.speech?.voices.some((voice) =>
        voice.languages.some((tag) => codes.includes(primaryLanguage(tag))),
      ),
  );
}

const languageNames = new Intl.DisplayNames('en', { type: 'language' });

function named(language: string) {
  return { language_id: language, name: languageNames.of(language) ?? language };
}
