import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { collectBytes } from '../../base/stream.ts';
import { FULL_GRANT } from '../../core/access/grant.ts';
import type { Principal } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { ANY_MODEL } from '../../core/models/model-catalog.ts';
import { primaryLanguage, type KnownVoice } from '../../core/voices/voice-parts.ts';
import { parseBody } from '../parse-body.ts';
import { outputFormats } from './elevenlabs-formats.ts';
import { getVoice } from './elevenlabs-voice-paths.ts';

const PATH = '/v1/voices/previews';
/** Small: about 12 kB for three seconds. */
const { format, contentType } = outputFormats.mp3_22050_32;
/** Previews that are remembered: a megabyte or two. */
const MOST_KEPT = 128;
/** Whoever asks first may hang up while others wait for the same preview. */
const SPEAKING_MS = 30_000;

/** What a voice says of itself. */
const GREETINGS: Readonly<Record<string, string>> = {
  de: 'Hallo! So klinge ich, wenn ich etwas vorlese.',
  en: 'Hello! This is how I sound when I read aloud.',
  es: '¡Hola! Así sueno cuando leo en voz alta.',
  fr: 'Bonjour ! Voici comment je lis à voix haute.',
  it: 'Ciao! Ecco come suono quando leggo ad alta voce.',
  nl: 'Hallo! Zo klink ik als ik iets voorlees.',
  pt: 'Olá! É assim que eu leio em voz alta.',
};
/** Every language has numbers. */
const COUNTING = '1, 2, 3, 4, 5.';

/** Knows the address of every preview. */
export interface VoicePreviews {
  /** The address for somebody's player, which sends no key: whoever has it may listen. */
  addressFor(request: FastifyRequest): (voiceId: string) => string;
}

/**
 * Registers short samples of the voices, made when they are first asked for and then remembered. An address holds for
 * whom it was made and is good until the program ends.
 */
export function voicePreviewRoutes(scope: FastifyInstance, core: Core): VoicePreviews {
  const tickets = createTickets();
  const spoken = createPreviewCache();
  scope.get(`${PATH}/:ticket`, { config: { asksWhoCalls: true } }, async (request, reply) => {
    const { ticket } = parseBody(z.object({ ticket: z.string() }), request.params);
    const { voiceId, ownerId } = tickets.open(ticket);
    const owner = await core.authenticator.findAdmitted(ownerId);
    if (!owner) throw noSuchPreview();
    // How a voice sounds may be heard by everybody who may see it, whatever else their key is good for.
    const principal = { ...owner, grant: FULL_GRANT };
    const known = await getVoice(core, voiceId, { principal });
    const bytes = await spoken(keyOf(known, core), () => speakPreview(core, known, { request, principal }));
    reply.headers({ 'content-type': contentType, 'cache-control': 'private, max-age=3600' });
    return reply.send(Buffer.from(bytes));
  });
  return {
    addressFor: ({ protocol, host, antiphon: { principal } }) => {
      const folder = `${protocol}://${host}${scope.prefix}${PATH}`;
      return (voiceId) => `${folder}/${tickets.issue({ voiceId, ownerId: principal.id })}`;
    },
  };
}

/** Everything that decides how a preview sounds. What is installed decides who plays a voice. */
function keyOf(known: KnownVoice, core: Core): string {
  const installed = core.voices.engineVoices.length;
  if (known.kind === 'engine') return JSON.stringify([installed, known.voice.id]);
  if (known.kind === 'preset') return JSON.stringify([installed, known.preset.id]);
  const { id, traits, samples, design, gender, language } = known.record;
  return JSON.stringify([
    installed,
    id,
    traits,
    samples.map((sample) => sample.id),
    design,
    gender,
    language,
  ]);
}

interface Listening {
  readonly request: FastifyRequest;
  readonly principal: Principal;
}

async function speakPreview(
  core: Core,
  known: KnownVoice,
  { request, principal }: Listening,
): Promise<Uint8Array> {
  const language = primaryLanguage(languageOf(known));
  const result = await core.speech.speak(
    {
      model: ANY_MODEL,
      text: GREETINGS[language] ?? COUNTING,
      voice: { kind: 'id', id: idOf(known) },
      format,
      delivery: 'whole',
      alignment: false,
      normalization: 'auto',
      language,
      asked: [],
      spelling: { text: 'text', voice: 'voice_id', model: 'model_id', format: 'output_format' },
    },
    { ...request.antiphon, principal, strict: false, signal: AbortSignal.timeout(SPEAKING_MS) },
  );
  return collectBytes(result.chunks);
}

function languageOf(known: KnownVoice): string {
  if (known.kind === 'engine') return known.voice.languages[0] ?? 'en';
  if (known.kind === 'added') return known.record.language ?? 'en';
  return known.preset.labels['language'] ?? 'en';
}

function idOf(known: KnownVoice): string {
  if (known.kind === 'engine') return known.voice.id;
  return known.kind === 'added' ? known.record.id : known.preset.id;
}

type PreviewCache = (key: string, make: () => Promise<Uint8Array>) => Promise<Uint8Array>;

/** Makes each preview once, however many ask at the same time, and forgets the one that was not asked for longest. */
function createPreviewCache(): PreviewCache {
  const kept = new Map<string, Promise<Uint8Array>>();
  return async (key, make) => {
    const preview = kept.get(key) ?? make();
    kept.delete(key);
    kept.set(key, preview);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    try {
      return await preview;
    } catch (error) {
      kept.delete(key);
      throw error;
    }
  };
}

/** What an address stands for. */
interface Ticket {
  readonly voiceId: string;
  readonly ownerId: string;
}

const ticketText = z.tuple([z.string(), z.string()]);

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Tickets that nobody can read or make but this program. The nonce comes from what is hidden, so that the same voice
 * has the same address each time it is listed, and a player's memory of it is of use.
 */
function createTickets() {
  // Prepared once: a list of voices has a ticket for each.
  const key = createSecretKey(randomBytes(32));
  const nonceKey = createSecretKey(randomBytes(32));
  return {
    issue: ({ voiceId, ownerId }: Ticket): string => {
      const text = JSON.stringify([voiceId, ownerId]);
      const nonce = createHmac('sha256', nonceKey).update(text).digest().subarray(0, NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce);
      const hidden = Buffer.concat([cipher.update(text), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString('base64url');
    },
    open: (ticket: string): Ticket => {
      const bytes = Buffer.from(ticket, 'base64url');
      try {
        const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        const hidden = bytes.subarray(NONCE_BYTES + TAG_BYTES);
        const text = Buffer.concat([decipher.update(hidden), decipher.final()]).toString();
        const [voiceId, ownerId] = ticketText.parse(JSON.parse(text));
        return { voiceId, ownerId };
      } catch (cause) {
        throw noSuchPreview(cause);
      }
    },
  };
}

function noSuchPreview(cause?: unknown): AppError {
  const message =
    'There is no such preview. Its address changes when the server starts anew: list the voices again.';
  return new AppError('not_found', message, { cause, subject: 'file' });
}
