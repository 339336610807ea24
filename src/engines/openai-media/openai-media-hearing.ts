import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type {
  HearingRequest,
  HearingSettings,
  HearingWindow,
  HeardWindow,
  TranscriptionEngine,
} from '../../core/engine.ts';
import type { RemoteModel, RemoteValue } from '../../core/models/remote.ts';
import { doesTask } from '../../core/transcription/transcription-routing.ts';
import { languageCode } from './language-words.ts';
import type { RemotePart } from './media-models.ts';
import type { HearingQuirks } from './media-profile.ts';
import { heardInReply } from './heard-replies.ts';
import { formBody } from '../remote-bodies.ts';
import { wavOf } from './remote-voices.ts';

const SAMPLE_RATE = 16_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** Models look at the last 224 tokens of a prompt; no token is this long on average. */
const PROMPT_CHARACTERS = 4000;

/** Hears through a server elsewhere, which gets each window as a WAV file with 16 kHz. */
export function createRemoteHearing(part: RemotePart<HearingQuirks>): TranscriptionEngine {
  const { remote, models, quirks } = part;
  return {
    settings: settingsFor(quirks),
    open: async (request, context) => {
      const model = models.find(({ id }) => `${remote}/${id}` === request.model);
      if (!model) throw new AppError('internal', `${request.model} is none of the models of ${remote}.`);
      checkTask(model, request, part);
      let language = request.language;
      return {
        hear: async (window) => {
          const heard = await hear(part, { model, request, window, context, language });
          language ??= heard.language;
          return heard;
        },
        close: () => undefined,
      };
    },
  };
}

function settingsFor({ prompt, temperature, wordTimes }: HearingQuirks): HearingSettings {
  return {
    language: 'any',
    ...(prompt ? { prompt: 'any' } : {}),
    ...(temperature ? { temperature: { minimum: 0, maximum: 1 } } : {}),
    ...(wordTimes ? { word_times: 'any' } : {}),
  };
}

function checkTask(
  model: RemoteModel,
  { task }: HearingRequest,
  { quirks, remote }: RemotePart<HearingQuirks>,
): void {
  const card = { ...model, description: '', name: model.id };
  if (task === 'transcribe' || (quirks.translation && doesTask(card, task))) return;
  throw new AppError('unsupported_feature', `${remote}/${model.id} cannot ${task}.`, {
    param: 'model',
    reason: 'unsupported_task',
  });
}

interface WindowCall {
  readonly model: RemoteModel;
  readonly request: HearingRequest;
  readonly window: HearingWindow;
  readonly context: RequestContext;
  readonly language: string | undefined;
}

async function hear(
  { quirks, link }: RemotePart<HearingQuirks>,
  { model, request, window, context, language }: WindowCall,
): Promise<HeardWindow> {
  const translates = request.task === 'translate';
  const way = translates ? quirks.translation : undefined;
  const bytes = await wavOf(window.samples, SAMPLE_RATE);
  const fields = {
    ...quirks.constant,
    ...model.defaults,
    ...answerFields(quirks, request),
    ...(model.upstream === undefined ? {} : { model: model.upstream }),
    ...toldLanguage(language, translates),
    ...(quirks.prompt && window.prompt ? { prompt: lastPart(window.prompt) } : {}),
    ...(request.temperature === undefined || !quirks.temperature ? {} : { temperature: request.temperature }),
    ...(way && 'field' in way ? { [way.field]: true } : {}),
    ...model.fixed,
  };
  const reply = await link.call({
    method: 'POST',
    path: way && 'path' in way ? way.path : quirks.path,
    body: await formBody(fields, [{ field: 'file', filename: 'window.wav', mediaType: 'audio/wav', bytes }]),
    signal: context.signal,
    span: context.span,
    maxBytes: MAX_BYTES,
    headMs: model.timeoutSeconds === undefined ? undefined : model.timeoutSeconds * 1000,
  });
  return heardInReply(reply, window.samples.length / SAMPLE_RATE);
}

function answerFields(
  { answer, wordTimes }: HearingQuirks,
  request: HearingRequest,
): Readonly<Record<string, RemoteValue>> {
  if (answer === 'stream') return { response_format: 'json', stream: true };
  if (answer === 'text') return { response_format: 'json' };
  const words = wordTimes && request.wordTimes;
  return {
    response_format: 'verbose_json',
    'timestamp_granularities[]': words ? ['word', 'segment'] : ['segment'],
  };
}

/** The route for translation takes no language: whatever is spoken becomes English. */
function toldLanguage(language: string | undefined, translates: boolean): Readonly<Record<string, string>> {
  const code = language === undefined || translates ? undefined : languageCode(language);
  return code === undefined ? {} : { language: code };
}

function lastPart(prompt: string): string {
  // What the cut may leave of a surrogate pair is dropped.
  return prompt.slice(-PROMPT_CHARACTERS).replace(/^[\uDC00-\uDFFF]/, '');
}
