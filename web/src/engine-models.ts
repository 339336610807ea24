import { useFetched } from './fetched.ts';

/** What a model makes or understands. */
export type Capability = 'transcription' | 'sound' | 'music' | 'image' | 'video';

/** A model that can be used now. */
export interface EngineModel {
  readonly id: string;
  readonly name: string;
  readonly capability: string;
  readonly description: string;
  readonly languages: readonly string[] | 'any';
  readonly tasks?: readonly string[];
}

interface EngineList {
  readonly engines: readonly { readonly models?: readonly EngineModel[] }[];
}

/** The models that can do something; undefined until the server has told. */
export function useEngineModels(capability: Capability): readonly EngineModel[] | undefined {
  const list = useFetched<EngineList>('/antiphon/v1/engines');
  return list.value.value?.engines
    .flatMap(({ models = [] }) => models)
    .filter((model) => model.capability === capability);
}
