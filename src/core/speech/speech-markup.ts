import { AppError } from '../../base/errors.ts';
import { readAudioTags } from '../../media/text/audio-tags.ts';
import { readInlineMarkup } from '../../media/text/inline-markup.ts';
import { unmarked, type MarkedText } from '../../media/text/marked-text.ts';
import { isSsml, readSsml } from '../../media/text/ssml.ts';
import { readTags, voiceNamesIn } from '../../media/text/text-tags.ts';
import type { RequestContext } from '../context.ts';
import type { VoiceLibrary } from '../voices/voice-library.ts';
import type { Markup, SpeechRequest } from './speech.ts';

export { holdsInlineMarkup } from '../../media/text/inline-markup.ts';

/** What an installation looks for in the texts of requests that do not say: whole SSML documents, tags, or both. */
export type MarkupSwitch = 'off' | 'ssml' | 'tags' | 'all';

/** What the markup of a text is read with. */
export interface MarkupParts {
  readonly markup?: MarkupSwitch | undefined;
  readonly voices: Pick<VoiceLibrary, 'find'>;
}

/** Names that are looked up for one text. */
const MOST_NAMES = 50;

/** Reads the markup of a request's text. Throws what `readSsml` throws, in the caller's spelling. */
export async function readMarkup(
  request: SpeechRequest,
  parts: MarkupParts,
  context: RequestContext,
): Promise<MarkedText> {
  const { text } = request;
  if (typeof request.markup === 'object') return request.markup;
  switch (request.markup ?? usualMarkup(text, parts.markup ?? 'off')) {
    case 'ssml':
      return namingTheField(() => readSsml(text), request);
    case 'inline':
      return readInlineMarkup(text);
    case 'audio_tags':
      return readAudioTags(readInlineMarkup(text));
    case 'tags':
      return withVoices(text, parts, context);
    case 'none':
      return unmarked(text);
  }
}

function usualMarkup(text: string, asked: MarkupSwitch): Markup {
  if ((asked === 'ssml' || asked === 'all') && isSsml(text)) return 'ssml';
  return asked === 'tags' || asked === 'all' ? 'tags' : 'none';
}

function namingTheField(read: () => MarkedText, { spelling }: SpeechRequest): MarkedText {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError) || error.param !== undefined) throw error;
    const { code, message, reason } = error;
    throw new AppError(code, message, {
      param: spelling.text,
      cause: error,
      ...(reason === undefined ? {} : { reason }),
    });
  }
}

async function withVoices(
  text: string,
  { voices }: MarkupParts,
  { principal }: RequestContext,
): Promise<MarkedText> {
  const names = voiceNamesIn(text).slice(0, MOST_NAMES);
  const found = await Promise.all(
    names.map(async (name) => ((await voices.find(name, principal)) ? [name] : [])),
  );
  const known = new Set(found.flat());
  return readTags(text, { isVoice: (name) => known.has(name) });
}
