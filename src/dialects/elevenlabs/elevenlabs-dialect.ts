import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Core } from '../../core/core.ts';
import { bearerToken } from '../bearer-token.ts';
import type { Dialect } from '../dialect.ts';
import { isolationRoutes } from './elevenlabs-audio-isolation.ts';
import { dialogueRoutes } from './elevenlabs-dialogue.ts';
import { dictionaryRoutes } from './elevenlabs-dictionaries.ts';
import { renderElevenlabsError } from './elevenlabs-errors.ts';
import { historyRoutes } from './elevenlabs-history.ts';
import { modelRoutes } from './elevenlabs-model-list.ts';
import { musicParameters } from './elevenlabs-music-request.ts';
import { musicRoutes } from './elevenlabs-music.ts';
import { publicModels } from './elevenlabs-models.ts';
import { presetVoices } from './elevenlabs-presets.ts';
import { realtimeTranscriptionRoute } from './elevenlabs-realtime-socket.ts';
import { singleUseRoutes } from './elevenlabs-single-use.ts';
import { soundEffectParameters, soundEffectRoutes } from './elevenlabs-sound-generation.ts';
import { speechParameters } from './elevenlabs-speech-request.ts';
import { socketRoutes } from './elevenlabs-sockets.ts';
import { conversionRoutes } from './elevenlabs-speech-conversion.ts';
import { speechRoutes } from './elevenlabs-speech.ts';
import { hearingParameters } from './elevenlabs-transcription-request.ts';
import { transcriptionRoutes } from './elevenlabs-transcription.ts';
import { usageStatsRoute } from './elevenlabs-usage-stats.ts';
import { userRoutes } from './elevenlabs-user.ts';
import { voiceRoutes } from './elevenlabs-voices.ts';

/** What only this vendor has, so that a caller who strays there without a key still gets its envelope. */
const OWN_PATHS = [
  '/v1/text-to-speech',
  '/v1/speech-to-speech',
  '/v1/speech-to-text',
  '/v1/text-to-dialogue',
  '/v1/text-to-voice',
  '/v1/voices',
  '/v1/shared-voices',
  '/v1/similar-voices',
  '/v1/voice-generation',
  '/v1/user',
  '/v1/usage',
  '/v1/workspace',
  '/v1/history',
  '/v1/pronunciation-dictionaries',
  '/v1/sound-generation',
  '/v1/music',
  '/v1/audio-isolation',
  '/v1/audio-native',
  '/v1/audio-effects',
  '/v1/forced-alignment',
  '/v1/dubbing',
  '/v1/studio',
  '/v1/convai',
  '/v1/single-use-token',
  '/v1/service-accounts',
  '/v2/voices',
];

/** The contract of ElevenLabs, whose official clients need only another base URL. */
export const elevenlabsDialect: Dialect = {
  id: 'elevenlabs',
  title: 'ElevenLabs',
  mounts: ['', '/elevenlabs'],
  claims: (headers, path) =>
    headers['xi-api-key'] !== undefined ||
    OWN_PATHS.some((own) => path === own || path.startsWith(`${own}/`)),
  models: publicModels,
  voices: presetVoices,
  parameters: {
    speech: speechParameters,
    transcription: hearingParameters,
    sound: { ...soundEffectParameters, ...musicParameters },
  },
  credential: (request) => keyHeader(request) ?? bearerToken(request),
  commonHeaders: ({ requestId }) => ({
    'request-id': requestId,
    'x-request-id': requestId,
    'x-trace-id': requestId,
  }),
  limitHeaders: ({ concurrency }) =>
    concurrency
      ? { [CURRENT_HEADER]: String(concurrency.current), [MOST_HEADER]: String(concurrency.limit) }
      : {},
  renderError: renderElevenlabsError,
  docs: async () => (await import('./elevenlabs-docs.ts')).elevenlabsDocs,
  routes: (core) => async (scope, options) => {
    tellConcurrency(scope, core);
    speechRoutes(scope, core);
    socketRoutes(scope, core);
    transcriptionRoutes(scope, core);
    realtimeTranscriptionRoute(scope, core);
    singleUseRoutes(scope, core);
    voiceRoutes(scope, core);
    modelRoutes(scope, core, options);
    historyRoutes(scope, core);
    userRoutes(scope, core);
    usageStatsRoute(scope, core);
    dictionaryRoutes(scope, core);
    isolationRoutes(scope, core);
    dialogueRoutes(scope, core);
    conversionRoutes(scope, core);
    soundEffectRoutes(scope, core);
    musicRoutes(scope, core);
  },
};

function keyHeader(request: FastifyRequest): string | undefined {
  const sent = request.headers['xi-api-key'];
  return Array.isArray(sent) ? sent[0] : sent;
}

const CURRENT_HEADER = 'current-concurrent-requests';
const MOST_HEADER = 'maximum-concurrent-requests';

/**
 * The vendor tells with every answer how many requests are being served and how many can be: of the key where it has a
 * limit, else of all engines.
 */
function tellConcurrency(scope: FastifyInstance, core: Core): void {
  const working = core.engines.filter((engine) => engine.speech ?? engine.transcription ?? engine.sound);
  const most = working.reduce((sum, engine) => sum + engine.concurrency, 0);
  scope.addHook('onSend', async (_, reply) => {
    if (reply.hasHeader(MOST_HEADER)) return;
    const running = working.reduce((sum, engine) => sum + core.runner.load(engine).running, 0);
    reply.headers({ [CURRENT_HEADER]: running, [MOST_HEADER]: most });
  });
}
