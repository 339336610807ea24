import { present } from '../../base/assert.ts';
import { AppError } from '../../base/errors.ts';
import { serveNativeCalls } from '../native-child.ts';
import { openEmbedder } from './child-embedder.ts';
import { openRecognizer } from './child-recognizer.ts';
import { openSpeaker } from './child-speaker.ts';
import { openSpeechFinder } from './child-speech-finder.ts';
import { openTurnFinder } from './child-turn-finder.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { SherpaAnswer, SherpaCall, SherpaStart, SherpaUpdate } from './sherpa-config.ts';

let model: LoadedModel | undefined;

// The only process that loads the addon: it ends the process over what it does not like.
serveNativeCalls<SherpaStart, SherpaCall, SherpaAnswer, SherpaUpdate>({
  prepare: async (start) => {
    try {
      model = await openModel(start);
    } catch (error) {
      throw unloadable(start.id, error);
    }
  },
  call: (call, control) => present(model, 'The model').call(call, control),
});

function openModel(start: SherpaStart): Promise<LoadedModel> {
  switch (start.kind) {
    case 'recognizer':
      return openRecognizer(start);
    case 'speaker':
      return openSpeaker(start);
    case 'voice_activity':
      return openSpeechFinder(start);
    case 'embedding':
      return openEmbedder(start);
    case 'segmentation':
      return openTurnFinder(start);
  }
}

/** The addon's own words are for the log: they name folders of this machine. */
function unloadable(id: string, error: unknown): AppError {
  const failure = new AppError(
    'engine_failed',
    `The model ${id} could not be loaded; its files are damaged or of another kind. "antiphon models verify ${id}" checks them.`,
    { reason: 'damaged_model' },
  );
  if (error instanceof Error && error.stack !== undefined) failure.stack = error.stack;
  return failure;
}
