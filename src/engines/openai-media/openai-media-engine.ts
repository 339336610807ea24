import type { Engine, EngineHealth, EngineModule } from '../../core/engine.ts';
import type { RemoteSettings } from '../../core/models/remote.ts';
import { createRemoteLink, type RemoteLink, type RemoteTimeouts } from '../remote-link.ts';
import { createRemoteChat } from './openai-media-chat.ts';
import { createRemoteHearing } from './openai-media-hearing.ts';
import { createRemoteImage } from './openai-media-image.ts';
import { createRemoteSound } from './openai-media-sound.ts';
import { createRemoteSpeech } from './openai-media-speech.ts';
import { createRemoteVideo } from './openai-media-video.ts';
import { cardsOf, partOf, profileOf } from './media-models.ts';
import type { MediaProfile } from './media-profile.ts';
import { readGauges } from './server-gauges.ts';

/** Gauges that are no older are good enough. */
const GAUGES_MS = 2000;

/** Every server that has the media routes of OpenAI, or nearly, by its profile. */
export const openaiMediaEngine: EngineModule = {
  id: 'openai-media',
  title: 'Servers with the media routes of OpenAI',
  licence: 'Apache-2.0',
  create: async ({ remote }) => {
    if (!remote) return { unavailable: 'no server is written down for it in `remotes`' };
    if (remote.urls.length > 1)
      return { unavailable: 'it takes one url; a balancer stands before several servers' };
    return createOpenaiMediaEngine(remote);
  },
};

/** Builds the engine of one remote. Throws where what is written down does not fit together. */
export function createOpenaiMediaEngine(
  settings: RemoteSettings,
  timeouts: Partial<RemoteTimeouts> = {},
): Engine {
  const profile = profileOf(settings);
  const concurrency = settings.concurrency ?? profile.concurrency;
  const link = createRemoteLink({
    id: settings.id,
    url: settings.urls[0] ?? '',
    apiKey: settings.apiKey,
    connections: concurrency,
    healthPath: profile.healthPath,
    timeouts,
  });
  const gauges = createGauges(link, profile);
  return {
    id: settings.id,
    concurrency,
    models: cardsOf(settings, profile),
    ...partsOf(settings, profile, link),
    refresh: async () => {
      await link.circuit.look();
      await gauges.look();
    },
    health: () => {
      const load = gauges.last();
      return { ...link.circuit.health(), ...(load ? { load } : {}) };
    },
    stop: async () => link.stop(),
  };
}

function partsOf(settings: RemoteSettings, profile: MediaProfile, link: RemoteLink): Partial<Engine> {
  const speech = partOf(settings, link, { capabilities: ['speech'], families: profile.speech });
  const hearing = partOf(settings, link, { capabilities: ['transcription'], families: profile.hearing });
  const sound = partOf(settings, link, { capabilities: ['sound', 'music'], families: profile.sound });
  const image = partOf(settings, link, { capabilities: ['image'], families: profile.image });
  const video = partOf(settings, link, { capabilities: ['video'], families: profile.video });
  const families = profile.chat && { chat: profile.chat };
  const chat = partOf(settings, link, { capabilities: ['chat'], families });
  return {
    ...(speech ? { speech: createRemoteSpeech(speech) } : {}),
    ...(hearing ? { transcription: createRemoteHearing(hearing) } : {}),
    ...(sound ? { sound: createRemoteSound(sound, profile) } : {}),
    ...(image ? { image: createRemoteImage(image, profile) } : {}),
    ...(video ? { video: createRemoteVideo(video, profile) } : {}),
    ...(chat ? { chat: createRemoteChat({ ...chat, path: chat.quirks.path }) } : {}),
  };
}

/** How busy the server says it is, asked only when somebody wants to know. */
function createGauges(link: RemoteLink, { metrics }: MediaProfile) {
  let load: EngineHealth['load'];
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    last: () => load,
    look: async () => {
      if (!metrics || link.circuit.health().state !== 'healthy') return;
      if (performance.now() - lookedAt < GAUGES_MS) return;
      lookedAt = performance.now();
      const text = await link.peek(metrics.path);
      load = text === undefined ? undefined : readGauges(text, metrics);
    },
  };
}
