import { ANY_MODEL } from '../../core/models/model-catalog.ts';
import { OWN_DIALECT, type Dialect } from '../dialect.ts';
import { bearerToken } from '../bearer-token.ts';
import { capabilitiesRoute } from './admin-capabilities.ts';
import { enginesRoute } from './admin-engines.ts';
import { fileRoute } from './admin-files.ts';
import { jobRoutes } from './admin-jobs.ts';
import { keyRoutes } from './admin-keys.ts';
import { purgeRoute } from './admin-purge.ts';
import { reloadRoute } from './admin-reload.ts';
import { usageRoute } from './admin-usage.ts';
import { voicesRoute } from './admin-voices.ts';
import { webhookSecretRoute } from './admin-webhooks.ts';
import { weightsRoutes } from './admin-weights.ts';

/** Our own contract: what is installed, what it can do, and how it is. */
export const adminDialect: Dialect = {
  id: OWN_DIALECT,
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
  docs: async () => (await import('./admin-docs.ts')).adminDocs,
  routes: (core) => async (scope) => {
    capabilitiesRoute(scope, core);
    enginesRoute(scope, core);
    keyRoutes(scope, core);
    purgeRoute(scope, core);
    usageRoute(scope, core);
    weightsRoutes(scope, core);
    voicesRoute(scope, core);
    jobRoutes(scope, core);
    fileRoute(scope, core);
    webhookSecretRoute(scope, core);
    reloadRoute(scope, core);
  },
};

function singleHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
