import { bearerToken } from '../bearer-token.ts';
import type { Dialect } from '../dialect.ts';
import { renderAimlError } from './aiml-errors.ts';
import { generationRoutes } from './aiml-generations.ts';
import { catalogueRoute } from './aiml-models.ts';
import { aimlPublicModels, aimlSoundParameters } from './aiml-names.ts';

const OWN_PATHS = /^\/v2\/generate(?:\/|$)/;

/** Ids that callers may give their requests; others are dropped without a word. */
const CLIENT_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** The AI/ML API: music and sounds that are made while the caller asks after them. */
export const aimlDialect: Dialect = {
  id: 'aiml',
  title: 'AI/ML API',
  mounts: ['', '/aiml'],
  claims: (_headers, path) => OWN_PATHS.test(path),
  models: aimlPublicModels,
  voices: [],
  parameters: { sound: aimlSoundParameters },
  credential: bearerToken,
  commonHeaders: (place) => ({ 'x-request-id': place.requestId }),
  renderError: renderAimlError,
  docs: async () => (await import('./aiml-docs.ts')).aimlDocs,
  routes: (core) => async (scope, options) => {
    scope.addHook('onSend', async (request, reply) => {
      const id = request.headers['x-client-request-id'];
      if (typeof id === 'string' && CLIENT_REQUEST_ID.test(id)) reply.header('x-client-request-id', id);
    });
    generationRoutes(scope, core);
    if (!options.shared) catalogueRoute(scope, core);
  },
};
