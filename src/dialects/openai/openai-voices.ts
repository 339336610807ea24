import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import type { PresetVoice, Voice } from '../../core/voices/voice.ts';
import { parseBody } from '../parse-body.ts';

const MOST_PER_PAGE = 1_000;

const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MOST_PER_PAGE).optional(),
  after: z.string().optional(),
});

/**
 * Registers the list of voices. The vendor has none; self-hosted servers agreed on this one, and clients read
 * it under `voices` or, like every other list of the vendor, under `data`.
 */
export function voiceRoutes(scope: FastifyInstance, core: Core, dialect: string): void {
  scope.get('/audio/voices', async (request) => {
    const { limit, after } = parseBody(pageQuery, request.query);
    const rest = voicesAfter(listVoices(core, dialect), after);
    const page = rest.slice(0, limit);
    return {
      object: 'list',
      voices: page,
      data: page,
      first_id: page[0]?.id ?? null,
      last_id: page.at(-1)?.id ?? null,
      has_more: page.length < rest.length,
    };
  });
}

/** This vendor's voices, then those of other vendors, then the engines' own. */
function listVoices(core: Core, dialect: string) {
  const own = core.voices.presets.filter((preset) => preset.dialect === dialect);
  const others = core.voices.presets.filter((preset) => preset.dialect !== dialect);
  return [...[...own, ...others].map(presetEntry), ...core.voices.engineVoices.map(engineEntry)];
}

function presetEntry(preset: PresetVoice) {
  return {
    id: preset.id,
    object: 'audio.voice',
    name: preset.name,
    owned_by: preset.dialect,
    gender: preset.gender,
    description: preset.description,
    labels: preset.labels,
    antiphon: { stand_in: true },
  };
}

function engineEntry(voice: Voice) {
  return {
    id: voice.id,
    object: 'audio.voice',
    name: voice.name,
    owned_by: voice.engine,
    gender: voice.gender,
    languages: voice.languages,
    labels: voice.labels,
    antiphon: { stand_in: false, licence: voice.licence },
  };
}

function voicesAfter<Listed extends { readonly id: string }>(
  voices: readonly Listed[],
  after: string | undefined,
): readonly Listed[] {
  if (after === undefined) return voices;
  const index = voices.findIndex((voice) => voice.id === after);
  if (index >= 0) return voices.slice(index + 1);
  throw new AppError(
    'invalid_request',
    `'after' must be the id of a voice of this list, but is '${after}'.`,
    {
      param: 'after',
    },
  );
}
