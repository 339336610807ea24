import { z } from 'zod';
import type { Core } from '../../core/core.ts';
import type { Asked } from '../../core/setting-support.ts';
import type { SoundRequest, SoundSetting } from '../../core/sound/sound.ts';
import type { Warning } from '../../core/warning.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import { aimlModelList, STABLE_AUDIO, type AimlModel } from './aiml-names.ts';
import { readLikeStableAudio, type Reading } from './aiml-readings.ts';

/** A call of the route in our words. */
export interface AimlOrder {
  readonly request: SoundRequest;
  /** What the id of the generation ends in. */
  readonly suffix: string;
  /** What the vendor would take. It is a count; nothing is billed. */
  readonly credits: number;
  readonly warnings: readonly Warning[];
}

const modelField = z.object({ model: z.string() });

/** Reads a body. Throws `invalid_request` naming the field. */
export function readOrder(core: Pick<Core, 'models'>, body: unknown): AimlOrder {
  const { model: name } = parseBody(modelField, body);
  const model = findModel(core, name);
  const reading = model.read(body);
  return {
    suffix: model.suffix ?? name,
    credits: creditsOf(model, reading),
    warnings: reading.warnings,
    request: {
      ...reading.wish,
      model: name,
      format: reading.format,
      channels: 2,
      delivery: 'whole',
      asked: askedIn(model, reading),
      spelling: { prompt: 'prompt', model: 'model', format: 'audio_setting.format' },
    },
  };
}

/** One of the vendor's models, or one that runs here and is named by its own name. */
function findModel({ models }: Pick<Core, 'models'>, name: string): AimlModel {
  const known = aimlModelList.find((model) => model.name === name);
  if (known) return known;
  const own = models.engineModels.find((card) => card.id === name);
  if (own?.capability === 'sound') return { ...STABLE_AUDIO, name, read: readLikeStableAudio('effect') };
  if (own?.capability === 'music') return { ...STABLE_AUDIO, name, read: readLikeStableAudio('music') };
  const allowed = aimlModelList.map((model) => model.name);
  const message = `must be one of ${allowed.join(', ')}`;
  throw invalidFields([{ path: ['model'], kind: 'not_allowed_value', message, allowed, received: name }]);
}

function askedIn({ parameters }: AimlModel, { sent }: Reading): Asked<SoundSetting>[] {
  return Object.entries(parameters).flatMap(([parameter, setting]) => {
    const value = sent[parameter];
    return isSomething(value) ? [{ setting, parameter, value }] : [];
  });
}

/** Nothing, off and where a clip begins anyway are what happens without being asked for. */
function isSomething(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '' && value !== 0;
}

function creditsOf({ credits }: AimlModel, { wish }: Reading): number {
  if (!credits) return 0;
  return 'piece' in credits ? credits.piece : credits.step * (wish.steps ?? 0);
}
