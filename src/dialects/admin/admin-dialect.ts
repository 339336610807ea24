import { z } from 'zod';
import { ANY_MODEL } from '../../core/models/model-catalog.ts';
import type { Dialect } from '../dialect.ts';
import { bearerToken } from '../bearer-token.ts';
import { parseBody } from '../parse-body.ts';
import { fileRoute } from './admin-files.ts';
import { jobRoutes } from './admin-jobs.ts';
import { voicesRoute } from './admin-voices.ts';
import { webhookSecretRoute } from './admin-webhooks.ts';
import { weightsRoutes } from './admin-weights.ts';

const capabilitiesQuery = z.object({ model: z.string().optional(), dialect: z.string().optional() });

/** Our own contract: what is installed, what it can do, and how it is. */
export const adminDialect: Dialect = {
  id: 'antiphon',
  title: 'Antiphon',
  mounts: ['/antiphon/v1'],
  claims: () => false,
  models: [
    {
      name: ANY_MODEL,
      dialect: 'antiphon',
      capability: 'speech',
      title: 'Whatever speaks best here',
      description: 'Leaves the choice of the speech model to the server',
    },
  ],
  voices: [],
  parameters: {},
  credential: (request) => bearerToken(request) ?? singleHeader(request.headers['xi-api-key']),
  commonHeaders: (place) => ({ 'x-request-id': place.requestId }),
  renderError: (error) => ({
    status: error.status,
    headers: {},
    body: { error: { code: error.code, message: error.message, param: error.param ?? null } },
  }),
  routes: (core) => async (scope) => {
    scope.get('/capabilities', async (request) => {
      const wanted = parseBody(capabilitiesQuery, request.query);
      const isWanted = (row: { readonly model: string; readonly dialect: string }) =>
        (!wanted.model || row.model === wanted.model) && (!wanted.dialect || row.dialect === wanted.dialect);
      await core.models.refresh();
      const { speech, transcription, sound, image, video } = core.capabilities();
      return {
        speech: speech.filter(isWanted),
        transcription: transcription.filter(isWanted),
        sound: sound.filter(isWanted),
        image: image.filter(isWanted),
        video: video.filter(isWanted),
      };
    });
    scope.get('/engines', async () => {
      await core.models.refresh();
      return {
        engines: [
          ...core.engines.map((engine) => ({
            id: engine.id,
            state: 'up',
            models: engine.models,
            voices: engine.speech?.voices.length ?? 0,
            ...core.runner.load(engine),
            ...(engine.health ? { health: engine.health() } : {}),
          })),
          ...core.downEngines.map((engine) => ({ id: engine.id, state: 'down', reason: engine.reason })),
        ],
      };
    });
    weightsRoutes(scope, core);
    voicesRoute(scope, core);
    jobRoutes(scope, core);
    fileRoute(scope, core);
    webhookSecretRoute(scope, core);
  },
};

function singleHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
