import { bearerToken } from '../bearer-token.ts';
import type { Dialect } from '../dialect.ts';
import { chatRoutes } from './openai-chat.ts';
import { renderOpenaiError } from './openai-errors.ts';
import { imageParameters } from './openai-image-fields.ts';
import { imageRoutes } from './openai-images.ts';
import { openaiLimitHeaders } from './openai-limit-headers.ts';
import { modelRoutes } from './openai-models.ts';
import { openaiModels, openaiVoices } from './openai-names.ts';
import { realtimeSecretRoutes } from './openai-realtime-secrets.ts';
import { realtimeRoute } from './openai-realtime-socket.ts';
import { speechParameters } from './openai-speech-request.ts';
import { speechRoutes } from './openai-speech.ts';
import { hearingParameters } from './openai-transcription-request.ts';
import { transcriptionRoutes } from './openai-transcription.ts';
import { translationRoutes } from './openai-translation.ts';
import { usageRoutes } from './openai-usage.ts';
import { videoParameters } from './openai-video-request.ts';
import { videoRoutes } from './openai-videos.ts';
import { consentRoutes } from './openai-voice-consents.ts';
import { voiceRoutes } from './openai-voices.ts';

const ID = 'openai';

/** The contract of OpenAI, whose official clients need only another base URL. */
export const openaiDialect: Dialect = {
  id: ID,
  title: 'OpenAI',
  mounts: ['/v1', '/api/v1', '/openai/v1'],
  // It is the first dialect and gets what nobody claims.
  claims: () => false,
  models: openaiModels,
  voices: openaiVoices,
  parameters: {
    speech: speechParameters,
    transcription: hearingParameters,
    image: imageParameters,
    video: videoParameters,
  },
  credential: bearerToken,
  commonHeaders: ({ requestId }) => ({
    'x-request-id': `req_${requestId}`,
    'openai-version': '2020-10-01',
  }),
  limitHeaders: openaiLimitHeaders,
  renderError: renderOpenaiError,
  docs: async () => (await import('./openai-docs.ts')).openaiDocs,
  routes: (core) => async (scope) => {
    scope.addHook('onSend', async (_, reply) => {
      reply.header('openai-processing-ms', Math.round(reply.elapsedTime));
    });
    speechRoutes(scope, core);
    transcriptionRoutes(scope, core);
    translationRoutes(scope, core);
    imageRoutes(scope, core);
    realtimeSecretRoutes(scope, core);
    realtimeRoute(scope, core);
    modelRoutes(scope, core);
    voiceRoutes(scope, core, ID);
    consentRoutes(scope, core);
    videoRoutes(scope, core);
    chatRoutes(scope, core);
    usageRoutes(scope, core);
  },
};
