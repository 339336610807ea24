import { toBase64 } from '../../base/base64.ts';
import { AppError } from '../../base/errors.ts';
import { findImageKind } from '../../media/images/image-kinds.ts';
import type { RequestContext } from '../context.ts';
import { wholeMedia } from '../media-input.ts';
import { blamed, type MediaOpener } from '../media-opening.ts';
import type { ChatFields } from './chat-engine.ts';

/** Parts of a message that hold media under an address, by their type. */
const ADDRESSED: readonly string[] = ['image_url', 'video_url', 'audio_url'];
/** Parts that hold nothing that is looked up. */
const INLINE: readonly string[] = ['text', 'refusal', 'input_audio'];

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Messages whose media are inline: what lies at an address is fetched here, by the rules for addresses of callers, so
 * that no engine opens one. Throws `invalid_request` naming the part for anything else that could be looked up.
 */
export async function withInlineMedia(
  messages: readonly ChatFields[],
  opener: MediaOpener,
  context: RequestContext,
): Promise<readonly ChatFields[]> {
  return Promise.all(
    messages.map(async (message, at) => {
      const { content } = message;
      if (!Array.isArray(content)) return message;
      const parts = await Promise.all(
        content.map((part: unknown, index) =>
          inlinePart(part, { opener, context, param: `messages.${at}.content.${index}` }),
        ),
      );
      return { ...message, content: parts };
    }),
  );
}

interface PartReading {
  readonly opener: MediaOpener;
  readonly context: RequestContext;
  readonly param: string;
}

async function inlinePart(part: unknown, reading: PartReading): Promise<unknown> {
  const { param } = reading;
  const type = isFields(part) ? part['type'] : undefined;
  if (!isFields(part) || typeof type !== 'string') throw badPart(param, 'must be an object with a type');
  if (INLINE.includes(type)) return part;
  if (!ADDRESSED.includes(type)) throw badPart(`${param}.type`, `'${type}' is not known here`);
  const held = part[type];
  const url = isFields(held) ? held['url'] : held;
  if (typeof url !== 'string') throw badPart(`${param}.${type}.url`, 'must be an address');
  const detail = isFields(held) && typeof held['detail'] === 'string' ? { detail: held['detail'] } : {};
  return { type, [type]: { url: await inlineAddress(url, `${param}.${type}.url`, reading), ...detail } };
}

async function inlineAddress(url: string, param: string, { opener, context }: PartReading): Promise<string> {
  if (/^data:/i.test(url)) return url;
  try {
    const media = await opener.open(
      { kind: 'url', url },
      { param, signal: context.signal, maxBytes: MAX_BYTES },
    );
    const bytes = await wholeMedia(media);
    return `data:${mediaTypeOf(bytes, param)};base64,${toBase64(bytes)}`;
  } catch (error) {
    throw blamed(error, param);
  }
}

/** By what the bytes are, whatever their server calls them. */
function mediaTypeOf(bytes: Uint8Array, param: string): string {
  const kind = findImageKind(bytes);
  if (kind !== undefined && kind !== 'svg') return `image/${kind}`;
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  if (head.slice(4, 8) === 'ftyp') return 'video/mp4';
  if (head.startsWith('\u001aE\u00df\u00a3')) return 'video/webm';
  if (head.startsWith('RIFF') && head.slice(8) === 'WAVE') return 'audio/wav';
  throw new AppError(
    'unsupported_media',
    'What lies at this address is no picture, film or sound that is read here.',
    {
      param,
    },
  );
}

function badPart(param: string, message: string): AppError {
  return new AppError('invalid_request', `${param}: ${message}.`, { param });
}

function isFields(value: unknown): value is ChatFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
