import { AppError } from '../../base/errors.ts';
import type { SoundEngine, SoundGeneration } from '../../core/sound/sound-engine.ts';
import { SOUND_SETTINGS, type SoundSetting } from '../../core/sound/sound.ts';
import { planFields } from '../remote-fields.ts';
import type { RemotePart } from './media-models.ts';
import type { MediaProfile, SoundQuirks } from './media-profile.ts';
import { refuseOrders } from './prompt-check.ts';
import { jsonBody } from '../remote-bodies.ts';
import { fileOfReply } from './sound-replies.ts';

const MAX_BYTES = 512 * 1024 * 1024;
/** How long a sound is whose length is left to us. */
const USUAL_SECONDS = 10;

/** Makes sounds and music through a server elsewhere. */
export function createRemoteSound(
  { remote, models, quirks, link }: RemotePart<SoundQuirks>,
  profile: MediaProfile,
): SoundEngine {
  const plans = new Map(
    models.map((model) => [
      `${remote}/${model.id}`,
      {
        model,
        plan: planFields(model, quirks, isSoundSetting),
        maxSeconds: limitOf(model.limits.maxSeconds, quirks),
      },
    ]),
  );
  const [first] = plans.values();
  const maxSeconds = Math.min(...[...plans.values()].map((one) => one.maxSeconds));
  const { duration, ...settings } = first?.plan.settings ?? {};
  return {
    settings: {
      ...settings,
      ...(duration ? { duration: { minimum: 0.5, maximum: maxSeconds } } : {}),
      // The line from 0 to 1 is ours, whatever numbers the server takes.
      ...(settings.prompt_influence && quirks.influence
        ? { prompt_influence: { minimum: 0, maximum: 1 } }
        : {}),
    },
    maxSeconds: (id) => plans.get(id)?.maxSeconds ?? maxSeconds,
    generate: async (request, { signal, span }) => {
      const found = plans.get(request.model);
      if (!found) throw new AppError('internal', `${request.model} is none of the models of ${remote}.`);
      refuseOrders({ prompt: request.prompt, negative_prompt: request.negativePrompt }, profile.refusedText);
      const { model, plan } = found;
      const reply = await link.call({
        method: 'POST',
        path: quirks.path,
        body: jsonBody(
          plan.write({
            own: { [quirks.modelField]: model.upstream, [quirks.promptField]: promptOf(request) },
            values: valuesOf(request, quirks),
          }),
        ),
        signal,
        span,
        maxBytes: MAX_BYTES,
        headMs: model.timeoutSeconds === undefined ? undefined : model.timeoutSeconds * 1000,
      });
      return { kind: 'file', bytes: await fileOfReply(reply) };
    },
  };
}

function isSoundSetting(name: string): name is SoundSetting {
  return SOUND_SETTINGS.some((setting) => setting === name);
}

function limitOf(own: number | undefined, quirks: SoundQuirks): number {
  return Math.min(own ?? quirks.maxSeconds, quirks.maxSeconds);
}

/** A plan without words of its own is told as words. */
function promptOf({ prompt, plan }: SoundGeneration): string {
  if (prompt.trim() !== '' || !plan) return prompt;
  const sections = plan.sections.map(({ name, styles }) => [name, ...styles].join(', '));
  return [...plan.styles, ...sections].join('. ');
}

function valuesOf(request: SoundGeneration, { influence, fields }: SoundQuirks) {
  const { durationSeconds, startSeconds, promptInfluence, steps, seed, negativePrompt } = request;
  const planned = request.plan?.sections.reduce((sum, section) => sum + section.durationSeconds, 0);
  const most = fields.duration?.maximum ?? Number.POSITIVE_INFINITY;
  return {
    duration: Math.min(most, durationSeconds ?? planned ?? USUAL_SECONDS),
    start: startSeconds,
    steps,
    seed,
    negative_prompt: negativePrompt,
    prompt_influence:
      promptInfluence === undefined || !influence
        ? promptInfluence
        : influence.least + (influence.most - influence.least) * promptInfluence,
  };
}
