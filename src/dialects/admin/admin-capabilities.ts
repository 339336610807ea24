import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isInScope, type Grant } from '../../core/access/grant.ts';
import type { Core } from '../../core/core.ts';
import type { Capability } from '../../core/models/model.ts';
import { parseBody } from '../parse-body.ts';

export const capabilitiesQuery = z.object({ model: z.string().optional(), dialect: z.string().optional() });

interface Row {
  readonly model: string;
  readonly dialect: string;
  readonly servedBy: readonly string[];
}

/** Registers the tables of what becomes of every parameter; each key sees what its scopes leave it. */
export function capabilitiesRoute(scope: FastifyInstance, core: Core): void {
  scope.get('/capabilities', async (request) => {
    const wanted = parseBody(capabilitiesQuery, request.query);
    const { grant } = request.antiphon.principal;
    const isWanted = (row: Row) =>
      (!wanted.model || row.model === wanted.model) && (!wanted.dialect || row.dialect === wanted.dialect);
    const shown =
      <One extends Row>(capability: (row: One) => Capability) =>
      (row: One) =>
        isWanted(row) && isOpen(grant, capability(row), row);
    await core.models.refresh();
    const { speech, transcription, sound, image, video } = core.capabilities();
    return {
      speech: speech.filter(shown(() => 'speech')),
      transcription: transcription.filter(shown(() => 'transcription')),
      sound: sound.filter(shown(({ capability }) => capability)),
      image: image.filter(shown(() => 'image')),
      video: video.filter(shown(() => 'video')),
    };
  });
}

/** A row tells how one dialect spells the parameters, which is nothing to a key for others. */
function isOpen(grant: Grant, capability: Capability, { model, dialect, servedBy }: Row): boolean {
  const { dialects } = grant.scopes;
  return (!dialects || dialects.includes(dialect)) && isInScope(grant, { capability, model }, () => servedBy);
}
