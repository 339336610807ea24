import { bearerToken } from '../bearer-token.ts';
import type { Dialect } from '../dialect.ts';
import { GENERATES } from '../respond-async.ts';
import { renderEigenError } from './eigen-errors.ts';
import { answerEigenChat } from './eigen-chat.ts';
import { generate, generateByPath } from './eigen-generate.ts';
import { EIGEN_IMAGE_PARAMETERS } from './eigen-image-request.ts';
import { listEigenModels } from './eigen-models.ts';
import { EIGEN_MODELS, EIGEN_VOICES } from './eigen-names.ts';
import { EIGEN_HEARING_PARAMETERS } from './eigen-transcription-request.ts';
import { EIGEN_SPEECH_PARAMETERS } from './eigen-speech-models.ts';
import { speechSocketRoute } from './eigen-speech-socket.ts';
import { EIGEN_VIDEO_PARAMETERS } from './eigen-video-request.ts';
import { videoTaskRoutes } from './eigen-video.ts';
import { uploadVoice, uploadVoiceByPath } from './eigen-upload.ts';

/**
 * What lies below `/api` and is this vendor's alone: the generate routes and the older `/api/{model}`. All else
 * below `/api/v1` (audio, models, chat) has OpenAI's shape with this vendor too and is answered by that dialect.
 */
const OWN_PATHS = /^\/api\/(?:v1\/generate(?:\/|$)|(?!v\d+(?:\/|$))[^/])/;

/** The Eigen AI model API. */
export const eigenDialect: Dialect = {
  id: 'eigen',
  title: 'Eigen AI',
  mounts: ['', '/eigen'],
  claims: (_headers, path) => OWN_PATHS.test(path),
  models: EIGEN_MODELS,
  voices: EIGEN_VOICES,
  parameters: {
    speech: EIGEN_SPEECH_PARAMETERS,
    transcription: EIGEN_HEARING_PARAMETERS,
    image: EIGEN_IMAGE_PARAMETERS,
    video: EIGEN_VIDEO_PARAMETERS,
  },
  credential: bearerToken,
  commonHeaders: (place) => ({ 'x-request-id': place.requestId }),
  renderError: renderEigenError,
  docs: async () => (await import('./eigen-docs.ts')).eigenDocs,
  routes: (core) => async (scope, options) => {
    scope.post('/api/v1/generate', GENERATES, (request, reply) => generate(core, request, reply));
    scope.post('/api/v1/generate/upload', (request, reply) => uploadVoice(core, request, reply));
    scope.post('/api/:model/upload_voice', (request, reply) => uploadVoiceByPath(core, request, reply));
    speechSocketRoute(scope, core);
    videoTaskRoutes(scope, core);
    scope.post('/api/:model', GENERATES, (request, reply) => generateByPath(core, request, reply));
    // On shared ground these paths are answered by OpenAI's dialect, which lists the models of all.
    if (options.shared) return;
    scope.get('/api/v1/models', ({ antiphon }) => listEigenModels(core, antiphon.principal.grant));
    scope.post('/api/v1/chat/completions', GENERATES, (request, reply) =>
      answerEigenChat(core, reply, { body: request.body, context: request.antiphon }),
    );
  },
};
