import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from '@fastify/websocket';
import { othersFirst } from '../../base/event-loop.ts';
import { AppError, toAppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import { invalidFields } from '../parse-body.ts';
import type { FormFile } from '../parse-form.ts';
import { admitToSocket, type SocketCaller } from '../socket-caller.ts';
import {
  bytesInBase64,
  converse,
  objectInFrame,
  type ClientFrame,
  type Conversation,
} from '../socket-conversation.ts';
import { CLOSE, socketRoute } from '../web-sockets.ts';
import type { EigenBody } from './eigen-body.ts';
import { renderEigenError } from './eigen-errors.ts';
import { flagField } from './eigen-fields.ts';
import { checkTextLength, servedCapability } from './eigen-generate.ts';
import { playablePieces } from './eigen-speech-events.ts';
import { toSpeechTask } from './eigen-speech-request.ts';
import { findNamedVoices } from './eigen-voice.ts';

/** How long a client may take to say who it is. */
const INTRODUCTION_MS = 10_000;
/** How long nothing may be asked. */
const IDLE_MS = 60_000;
/** What may come before the client says who it is. */
const MOST_EARLY = { requests: 16, bytes: 1024 * 1024 };
/** Bytes of a voice sample's beginning that tell what it is. */
const HEAD_BYTES = 64 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/** `/api/v1/generate/ws`: speech as binary frames. The first message says who is calling, every other one is a text. */
export function speechSocketRoute(scope: FastifyInstance, core: Core): void {
  socketRoute(scope, {
    path: '/api/v1/generate/ws',
    hint: 'This address takes WebSockets only: connect, send {"token", "model"}, then {"text"}.',
    open: (socket, request) => talk(core, socket, request),
  });
}

function talk(core: Core, socket: WebSocket, request: FastifyRequest): void {
  const speaker = new SocketSpeaker(core, request);
  const conversation = converse(socket, core.log, (frame) => speaker.hear(frame));
  speaker.begin(conversation);
}

/** Who is on the other end, and which model is to speak. */
interface Introduction {
  readonly caller: SocketCaller;
  readonly model: string;
}

/** One end of a conversation. */
class SocketSpeaker {
  readonly #core: Core;
  readonly #request: FastifyRequest;
  #conversation: Conversation | undefined;
  #introduced: Introduction | undefined;
  /** Requests that came before the introduction. */
  #early: Fields[] = [];
  #earlyBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(core: Core, request: FastifyRequest) {
    this.#core = core;
    this.#request = request;
  }

  begin(conversation: Conversation): void {
    this.#conversation = conversation;
    conversation.signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true });
    this.#expect(INTRODUCTION_MS, () => {
      const message = `No message with a token came within ${INTRODUCTION_MS / 1000} seconds.`;
      void this.#refuse(new AppError('unauthenticated', message, { reason: 'missing_key' }), CLOSE.policy);
    });
  }

  async hear(frame: ClientFrame): Promise<void> {
    if (!this.#introduced) this.#earlyBytes += frame.bytes.length;
    const fields = objectInFrame(frame);
    if (!fields) {
      const message = 'Every message must be text that is a JSON object.';
      await this.#refuse(new AppError('invalid_request', message), CLOSE.unacceptable);
      return;
    }
    if (fields['token'] !== undefined && !this.#introduced) await this.#meet(fields);
    if (fields['text'] !== undefined || fields['token'] === undefined) await this.#take(fields);
  }

  async #meet(fields: Fields): Promise<void> {
    try {
      const token = typeof fields['token'] === 'string' ? fields['token'] : '';
      const { model } = fields;
      const caller = await this.#admit(token);
      if (typeof model !== 'string' || model === '') {
        throw invalidFields([{ path: ['model'], kind: 'missing', message: 'this field is required' }]);
      }
      this.#introduced = { caller, model };
    } catch (error) {
      await this.#refuse(error, CLOSE.policy);
      return;
    }
    this.#expectMore();
    await this.#conversation?.say({ status: 'authenticated' });
    const early = this.#early;
    this.#early = [];
    for (const one of early) await this.#answer(one);
  }

  #admit(token: string): Promise<SocketCaller> {
    const visit = {
      request: this.#request,
      signal: this.#conversation?.signal ?? AbortSignal.abort(),
      onUnwanted: (error: AppError) => void this.#refuse(error, CLOSE.policy),
    };
    return admitToSocket(this.#core, visit, () => this.#core.authenticator.authenticate(token));
  }

  async #take(fields: Fields): Promise<void> {
    if (this.#introduced) return this.#answer(fields);
    this.#early.push(fields);
    const { requests, bytes } = MOST_EARLY;
    if (this.#early.length <= requests && this.#earlyBytes <= bytes) return undefined;
    const message = 'The first message must carry the token.';
    return this.#refuse(new AppError('unauthenticated', message, { reason: 'missing_key' }), CLOSE.policy);
  }

  async #answer(fields: Fields): Promise<void> {
    const { signal } = this.#conversation ?? {};
    if (!this.#introduced || !signal || signal.aborted) return;
    clearTimeout(this.#timer);
    try {
      await this.#speak(fields, this.#introduced, signal);
    } catch (thrown) {
      if (!signal.aborted) await this.#tellFailure(toAppError(thrown));
    }
    this.#expectMore();
  }

  async #speak(fields: Fields, { caller, model }: Introduction, signal: AbortSignal): Promise<void> {
    const { principal } = caller;
    const strict = this.#request.antiphon.strict || flagField.catch(false).parse(fields['strict']) === true;
    const context: RequestContext = { ...this.#request.antiphon, principal, signal, strict };
    const capability = await servedCapability(this.#core, model);
    if (capability !== 'speech') {
      const message = `The model '${model}' is for ${capability}; only models that speak are served here.`;
      throw new AppError('unsupported_feature', message, { param: 'model', subject: 'model' });
    }
    const body = bodyOf(fields);
    const voices = await findNamedVoices(this.#core.voices, body.fields, principal);
    const task = toSpeechTask({ model, body, voices });
    checkTextLength(task.request.text, this.#core);
    if (strict) refuseUnderStrict(task.warnings);
    const spoken = await this.#core.speech.speak(task.request, context);
    const warnings = [...task.warnings, ...spoken.warnings];
    await this.#conversation?.say({
      type: 'metadata',
      sample_rate: spoken.sampleRate,
      channels: 1,
      format: 'pcm16',
      antiphon: { model: spoken.servedBy, voice: spoken.voiceId, stand_in: spoken.standIn, warnings },
    });
    for await (const piece of playablePieces(spoken.chunks)) {
      await this.#conversation?.say(piece);
      if (signal.aborted) return;
      await othersFirst();
    }
    // Without a rate: a common client takes any message that has one for the beginning.
    await this.#conversation?.say({ type: 'complete' });
  }

  /** A request that is wrong is only answered; an engine that broke ends the conversation. */
  async #tellFailure(error: AppError): Promise<void> {
    if (error.status >= 500 && error.code !== 'overloaded') {
      this.#core.log.error({ requestId: this.#request.id, error, cause: error.cause }, 'request-failed');
      await this.#refuse(error, CLOSE.internal);
      return;
    }
    await this.#conversation?.say(errorMessage(error));
  }

  async #refuse(thrown: unknown, code: number): Promise<void> {
    const error = toAppError(thrown);
    await this.#conversation?.say(errorMessage(error));
    this.#conversation?.close(code, error.message);
  }

  #expectMore(): void {
    this.#expect(IDLE_MS, () => this.#conversation?.close(CLOSE.normal, 'Nothing was asked for a minute.'));
  }

  #expect(milliseconds: number, orElse: () => void): void {
    clearTimeout(this.#timer);
    if (this.#conversation?.signal.aborted) return;
    this.#timer = setTimeout(orElse, milliseconds);
  }
}

function errorMessage(error: AppError): object {
  const { status, body } = renderEigenError(error);
  return { type: 'error', ...(typeof body === 'object' ? body : {}), code: status };
}

/** A request as the routes know it: a stream of sound, and a voice sample as the file that it stands for. */
function bodyOf({ token: _token, model: _model, response_format: _format, ...fields }: Fields): EigenBody {
  const { audio_prompt_file: sample, ...others } = fields;
  const files = sample === undefined || sample === null ? [] : [sampleFile(sample)];
  return { fields: { ...others, stream: true }, files };
}

function sampleFile(sample: unknown): FormFile {
  const field = 'audio_prompt_file';
  const text = typeof sample === 'string' ? sample.replace(/^data:[^,]*;base64,/i, '') : '';
  const bytes = bytesInBase64(text);
  if (!bytes || bytes.length === 0) {
    throw invalidFields([
      { path: [field], kind: 'malformed', message: 'must be a recording in base64, or as a data URL' },
    ]);
  }
  const media = { kind: 'bytes', bytes } as const;
  return { field, filename: field, mediaType: '', media, head: bytes.subarray(0, HEAD_BYTES) };
}
