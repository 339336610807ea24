import type { EngineModule, HearingSettings } from '../../core/engine.ts';
import { findWhisperPackages, whisperPackageName } from './whisper-binding.ts';
import { createWhisperShelf, tellsTimes } from './whisper-cards.ts';
import { createWhisperModels, whisperNotInstalled } from './whisper-models.ts';
import { openWhisperSession } from './whisper-session.ts';

/** Recordings that are heard at the same time: each model hears one window of each in turn. */
const CONCURRENCY = 8;

/** What every model obeys; most tell the times of words as well. */
const SETTINGS: HearingSettings = {
  language: 'any',
  prompt: 'any',
  temperature: { minimum: 0, maximum: 1 },
};

/** whisper.cpp in child processes: transcription and translation with whichever Whisper models are installed. */
export const whisperEngine: EngineModule = {
  id: 'whisper',
  title: 'whisper.cpp',
  licence: 'MIT',
  create: async (settings) => {
    const packages = findWhisperPackages();
    if (packages.length === 0)
      return { unavailable: `The package ${whisperPackageName()} is not installed.` };
    const shelf = await createWhisperShelf(settings.weights);
    const models = createWhisperModels(settings, packages);
    return {
      id: 'whisper',
      concurrency: CONCURRENCY,
      get models() {
        return shelf.cards;
      },
      refresh: () => shelf.refresh(),
      transcription: {
        settings: { ...SETTINGS, word_times: 'any' },
        settingsOf: (model) => (tellsTimes(model) ? { ...SETTINGS, word_times: 'any' } : SETTINGS),
        open: async (request, context) => {
          const weights = await shelf.find(request.model);
          if (!weights) throw whisperNotInstalled(request.model);
          return openWhisperSession(models, weights, { request, context });
        },
      },
      stop: () => models.stop(),
    };
  },
};
