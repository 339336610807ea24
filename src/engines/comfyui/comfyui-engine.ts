import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Engine, EngineModule } from '../../core/engine.ts';
import type { Capability, ModelCard } from '../../core/models/model.ts';
import type { RemoteModel, RemoteSettings } from '../../core/models/remote.ts';
import { isRecord } from '../remote-errors.ts';
import { USUAL_POLLS, type PollTimes } from '../remote-jobs.ts';
import type { RemoteLink, RemoteTimeouts } from '../remote-link.ts';
import { createReplicas, seatsAt } from '../remote-replicas.ts';
import { createComfyuiImages } from './comfyui-images.ts';
import type { ComfyuiRuns } from './comfyui-runs.ts';
import { createComfyuiSounds } from './comfyui-sounds.ts';
import { createComfyuiVideos } from './comfyui-videos.ts';
import { readTemplate } from './graph-template.ts';
import { checkModel, type TemplateModel, type TemplatePart } from './template-settings.ts';

/** How long is waited. */
export interface ComfyuiTimes {
  readonly polls?: PollTimes;
  readonly timeouts?: Partial<RemoteTimeouts>;
}

const SERVED: readonly Capability[] = ['sound', 'music', 'image', 'video'];

/** Servers of ComfyUI, which run the operator's graphs and never a caller's. */
export const comfyuiEngine: EngineModule = {
  id: 'comfyui',
  title: 'Servers of ComfyUI',
  licence: 'GPL-3.0-only',
  create: async ({ remote }) =>
    remote
      ? createComfyui(remote)
      : { unavailable: 'It needs an entry among the remotes of the configuration.' },
};

/** The engine of one remote. Throws what is wrong in its settings and templates. */
export async function createComfyui(
  settings: RemoteSettings,
  { polls, timeouts }: ComfyuiTimes = {},
): Promise<Engine> {
  const models = await Promise.all(settings.models.map((model) => loadTemplate(model, settings)));
  const ended = new AbortController();
  const replicas = createReplicas(settings, {
    healthPath: '/system_stats',
    loadOf: queueRemaining,
    ...(timeouts ? { timeouts } : {}),
  });
  const { apiKey } = settings;
  const runs: ComfyuiRuns = { replicas, apiKey, polls: polls ?? USUAL_POLLS, ended: ended.signal };
  const part = (...capabilities: readonly Capability[]): TemplatePart | undefined => {
    const own = models.filter(({ model }) => capabilities.includes(model.capability));
    return own.length > 0 ? { settings, models: own, runs } : undefined;
  };
  const [sounds, images, videos] = [part('sound', 'music'), part('image'), part('video')];
  return {
    id: settings.id,
    concurrency: seatsAt(settings) * settings.urls.length,
    models: cardsOf(settings),
    ...(sounds ? { sound: createComfyuiSounds(sounds) } : {}),
    ...(images ? { image: createComfyuiImages(images) } : {}),
    ...(videos ? { video: createComfyuiVideos(videos) } : {}),
    health: () => replicas.health(),
    stop: async () => {
      ended.abort();
      replicas.stop();
    },
  };
}

async function loadTemplate(model: RemoteModel, { templates }: RemoteSettings): Promise<TemplateModel> {
  if (!SERVED.includes(model.capability)) throw new Error(`ComfyUI has no model for ${model.capability}.`);
  const name = model.template ?? model.id;
  if (templates === undefined) throw new Error("ComfyUI needs the folder of its templates in 'templates'.");
  if (basename(name) !== name)
    throw new Error(`The template '${name}' must lie in the folder of templates itself.`);
  const path = join(templates, name.endsWith('.json') ? name : `${name}.json`);
  try {
    const template = readTemplate(await readFile(path, 'utf8'));
    checkModel(model, template);
    return { model, template };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The template ${path} cannot be used: ${why}`, { cause });
  }
}

async function queueRemaining(link: RemoteLink): Promise<number | undefined> {
  const text = await link.peek('/prompt');
  if (text === undefined) return undefined;
  try {
    const body: unknown = JSON.parse(text);
    const info = isRecord(body) ? body['exec_info'] : undefined;
    const left = isRecord(info) ? info['queue_remaining'] : undefined;
    return typeof left === 'number' ? left : 0;
  } catch {
    return undefined;
  }
}

function cardsOf({ id: remote, models }: RemoteSettings): readonly ModelCard[] {
  return models.map((model) => ({
    id: `${remote}/${model.id}`,
    name: model.title ?? model.id,
    capability: model.capability,
    description: `${model.title ?? model.id} on a server of ComfyUI`,
    languages: model.languages,
    implements: model.implements,
    licence: model.licence,
  }));
}
