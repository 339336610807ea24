import type { Engine, EngineModule } from '../../core/engine.ts';
import type { Capability, ModelCard } from '../../core/models/model.ts';
import type { RemoteSettings } from '../../core/models/remote.ts';
import { USUAL_POLLS, type PollTimes } from '../remote-jobs.ts';
import type { RemoteTimeouts } from '../remote-link.ts';
import { createReplicas, seatsAt } from '../remote-replicas.ts';
import { createFilmWriter } from './jpeg-film.ts';
import { SDCPP_FAMILIES } from './sdcpp-family.ts';
import { createSdcppImages } from './sdcpp-images.ts';
import type { SdcppJobs } from './sdcpp-jobs.ts';
import type { SdcppPart } from './sdcpp-request.ts';
import { createSdcppVideos } from './sdcpp-videos.ts';

/** How long is waited. */
export interface SdServerTimes {
  readonly polls?: PollTimes;
  readonly timeouts?: Partial<RemoteTimeouts>;
}

/** What tells whether the server is well: it has no route for that alone. */
const CAPABILITIES = '/sdcpp/v1/capabilities';
const USUAL_FAMILY = { image: 'stable-diffusion', video: 'wan-t2v' } as const;

/** The server of stable-diffusion.cpp, through its own routes: the others take settings from the words of a prompt. */
export const sdServerEngine: EngineModule = {
  id: 'sd-server',
  title: 'Servers of stable-diffusion.cpp',
  licence: 'MIT',
  create: async ({ remote }) =>
    remote
      ? createSdServer(remote)
      : { unavailable: 'It needs an entry among the remotes of the configuration.' },
};

/** The engine of one remote. Throws what is wrong in its settings. */
export function createSdServer(settings: RemoteSettings, { polls, timeouts }: SdServerTimes = {}): Engine {
  const ended = new AbortController();
  const replicas = createReplicas(settings, {
    healthPath: CAPABILITIES,
    loadOf: async (link) => ((await link.peek(CAPABILITIES)) === undefined ? undefined : 0),
    ...(timeouts ? { timeouts } : {}),
  });
  const jobs: SdcppJobs = { replicas, polls: polls ?? USUAL_POLLS, ended: ended.signal };
  const images = partOf(settings, 'image', jobs);
  const videos = partOf(settings, 'video', jobs);
  const other = settings.models.find(({ capability }) => capability !== 'image' && capability !== 'video');
  if (other) throw new Error(`A server of stable-diffusion.cpp has no model for ${other.capability}.`);
  const writer = createFilmWriter(settings.id);
  return {
    id: settings.id,
    concurrency: seatsAt(settings) * settings.urls.length,
    models: cardsOf(settings),
    ...(images ? { image: createSdcppImages(images) } : {}),
    ...(videos ? { video: createSdcppVideos(videos, writer) } : {}),
    health: () => replicas.health(),
    stop: async () => {
      ended.abort();
      replicas.stop();
      await writer.stop();
    },
  };
}

function partOf(
  settings: RemoteSettings,
  capability: 'image' | 'video',
  jobs: SdcppJobs,
): SdcppPart | undefined {
  const models = settings.models.filter((model) => model.capability === capability);
  const [first, ...rest] = models;
  if (!first) return undefined;
  const name = first.family ?? USUAL_FAMILY[capability];
  const family = SDCPP_FAMILIES[name];
  if (!family || Object.keys(family[capability]).length === 0) {
    const known = Object.entries(SDCPP_FAMILIES).filter(([, one]) => Object.keys(one[capability]).length > 0);
    throw new Error(
      `There is no family '${name}' of ${capability} models, only ${known.map(([id]) => id).join(', ')}.`,
    );
  }
  const [odd] = rest;
  if (odd)
    throw new Error(`A server of stable-diffusion.cpp has one model: make another remote for '${odd.id}'.`);
  return { settings, models, family, jobs };
}

function cardsOf({ id: remote, models }: RemoteSettings): readonly ModelCard[] {
  return models.map((model) => ({
    id: `${remote}/${model.id}`,
    name: model.title ?? model.id,
    capability: model.capability satisfies Capability,
    description: `${model.title ?? model.id} on a server of stable-diffusion.cpp`,
    languages: model.languages,
    implements: model.implements,
    licence: model.licence,
  }));
}
