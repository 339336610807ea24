import type { RemoteModel, RemoteSettings } from '../src/core/models/remote.ts';

/** A model of a server elsewhere, as an operator who says hardly anything would describe it. */
export function remoteModel(
  facts: Partial<RemoteModel> & Pick<RemoteModel, 'id' | 'capability'>,
): RemoteModel {
  return {
    languages: 'any',
    licence: 'unknown',
    implements: [],
    voices: [],
    limits: {},
    defaults: {},
    fixed: {},
    parameters: {},
    ...facts,
  };
}

/** A server elsewhere with one model. */
export function remoteSettings(
  facts: Pick<RemoteSettings, 'adapter' | 'urls'> & Partial<RemoteSettings>,
  model: Parameters<typeof remoteModel>[0],
): RemoteSettings {
  return { id: 'box', models: [remoteModel(model)], ...facts };
}
