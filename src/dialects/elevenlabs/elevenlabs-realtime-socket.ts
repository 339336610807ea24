import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, toAppError } from '../../base/errors.ts';
import { randomAlphanumeric } from '../../base/ids.ts';
import type { Core } from '../../core/core.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import type { LiveEvent, LiveTranscription } from '../../core/transcription/live-request.ts';
import { parseBody } from '../parse-body.ts';
import { admitToSocket } from '../socket-caller.ts';
import {
  bytesInBase64,
  converse,
  objectInFrame,
  type ClientFrame,
  type Conversation,
} from '../socket-conversation.ts';
import { watchSession, type SessionLimits, type SessionWatch } from '../socket-limits.ts';
import { CLOSE, socketRoute } from '../web-sockets.ts';
import {
  endingMessage,
  errorMessage,
  heardMessages,
  startedMessage,
  type RealtimeEnding,
} from './elevenlabs-realtime-messages.ts';
import {
  rateOf,
  readRealtimeQuery,
  realtimeWarnings,
  toLiveRequest,
  type RealtimeQuery,
  type SoundFacts,
} from './elevenlabs-realtime-request.ts';
import { callerWithToken } from './elevenlabs-single-use.ts';

/** Bytes of sound that one message may bring. */
const MOST_BYTES = 15 * 1024 * 1024;

/** As long as the longest recording; a client that says nothing for so long is not there any more. */
const LIMITS: SessionLimits = { sessionMs: 6 * 60 * 60_000, idleMs: 5 * 60_000 };

const chunkMessage = z.object({
  message_type: z.literal('input_audio_chunk'),
  audio_base_64: z.string().nullish(),
  commit: z.boolean().nullish(),
  sample_rate: z.int().min(8_000).max(48_000).nullish(),
  previous_text: z.string().nullish(),
});

type Chunk = z.output<typeof chunkMessage>;

/** `/v1/speech-to-text/realtime`: what is said is written down while it is said. */
export function realtimeTranscriptionRoute(scope: FastifyInstance, core: Core): void {
  socketRoute(scope, {
    path: '/v1/speech-to-text/realtime',
    hint: 'This address takes WebSockets only, such as wss://…/v1/speech-to-text/realtime?model_id=scribe_v2_realtime.',
    open: (socket, request) => listen(core, socket, request),
  });
}

function listen(core: Core, socket: WebSocket, request: FastifyRequest): void {
  const listener = new ScribeListener(core, request);
  const conversation = converse(socket, core.log, (frame) => listener.hear(frame));
  listener.begin(conversation);
}

/** One end of a conversation. */
class ScribeListener {
  readonly #core: Core;
  readonly #request: FastifyRequest;
  #conversation: Conversation | undefined;
  /** Resolves when the session has begun, or has been refused. */
  #begun: Promise<void> = Promise.resolve();
  #live: LiveTranscription | undefined;
  #query: RealtimeQuery | undefined;
  #facts: SoundFacts = {};
  #chunks = 0;
  #isCommitting = false;
  #watch: SessionWatch | undefined;
  /** Items that are complete and whose text is still to come. */
  readonly #unheard = new Set<number>();
  /** Items that the client has committed: it waits for an answer even if nobody spoke. */
  readonly #awaited = new Set<number>();

  constructor(core: Core, request: FastifyRequest) {
    this.#core = core;
    this.#request = request;
  }

  begin(conversation: Conversation): void {
    this.#conversation = conversation;
    this.#watch = watchSession(conversation.signal, {
      ...LIMITS,
      isBusy: () => this.#unheard.size > 0,
      onIdle: () =>
        this.#end('insufficient_audio_activity', `No message came for ${LIMITS.idleMs / 60_000} minutes.`),
      onTooLong: () =>
        this.#end(
          'session_time_limit_exceeded',
          `A session lasts at most ${LIMITS.sessionMs / 3_600_000} hours.`,
        ),
    });
    this.#begun = this.#start(conversation).catch((thrown: unknown) => {
      this.#refuse(conversation, toAppError(thrown));
    });
  }

  #refuse(conversation: Conversation, error: AppError): void {
    if (conversation.signal.aborted) return;
    this.#report(error);
    void conversation.say(
      errorMessage(error, error.code === 'invalid_request' ? 'invalid_request' : 'transcriber_error'),
    );
    conversation.close(error.status >= 500 ? CLOSE.internal : CLOSE.policy, error.message);
  }

  /** What is wrong with a message is said in one, and the socket stays open. */
  async hear(frame: ClientFrame): Promise<void> {
    await this.#watch?.during(() => this.#hear(frame));
  }

  async #hear(frame: ClientFrame): Promise<void> {
    await this.#begun;
    const { signal } = this.#conversation ?? {};
    if (!signal || signal.aborted) return;
    try {
      const message = objectInFrame(frame);
      if (!message)
        throw new AppError('invalid_request', 'Every message must be text that is a JSON object.');
      await this.#take(parseBody(chunkMessage, message));
    } catch (thrown) {
      if (signal.aborted) return;
      const error = toAppError(thrown);
      this.#report(error);
      const kind = error.code === 'payload_too_large' ? 'chunk_size_exceeded' : 'input_error';
      void this.#conversation?.say(errorMessage(error, kind));
    }
  }

  async #start(conversation: Conversation): Promise<void> {
    const { signal } = conversation;
    const visit = {
      request: this.#request,
      signal,
      onUnwanted: (error: AppError) => this.#refuse(conversation, error),
    };
    const { principal } = await admitToSocket(this.#core, visit, () =>
      callerWithToken(this.#core, this.#request, 'live_transcription'),
    );
    const query = readRealtimeQuery(this.#request.query);
    const context = { ...this.#request.antiphon, principal, signal };
    const useless = realtimeWarnings(query);
    if (context.strict) refuseUnderStrict(useless);
    const live = this.#core.liveTranscription.open(context, (event) => this.#tell(event, query));
    const answer = await live.configure(toLiveRequest(query));
    this.#live = live;
    this.#query = query;
    void this.#conversation?.say(
      startedMessage(randomAlphanumeric(20), query, {
        ...answer,
        warnings: [...useless, ...answer.warnings],
      }),
    );
  }

  #end(kind: RealtimeEnding, message: string): void {
    void this.#conversation?.say(endingMessage(kind, message));
    this.#conversation?.close(CLOSE.policy, message);
  }

  #tell(event: LiveEvent, query: RealtimeQuery): void {
    if (event.type === 'item-commit') this.#unheard.add(event.item);
    if (event.type === 'item-end' || event.type === 'item-failure') this.#unheard.delete(event.item);
    if (event.type === 'item-commit' && this.#isCommitting) this.#awaited.add(event.item);
    const isAwaited = event.type === 'item-end' && this.#awaited.delete(event.item);
    // A noise that turned out to be no speech is nothing to tell.
    if (event.type === 'item-end' && event.transcript.text === '' && !isAwaited) return;
    for (const message of heardMessages(event, query)) void this.#conversation?.say(message);
  }

  async #take(chunk: Chunk): Promise<void> {
    const bytes = bytesInBase64(chunk.audio_base_64 ?? '');
    if (!bytes) throw new AppError('invalid_request', 'audio_base_64 must be sound in base64.');
    if (bytes.length > MOST_BYTES) {
      const message = `A message may bring ${MOST_BYTES} bytes of sound, and this one brings ${bytes.length}.`;
      throw new AppError('payload_too_large', message);
    }
    await this.#heed(chunk);
    this.#chunks += 1;
    await this.#live?.append(bytes);
    if (!chunk.commit) return;
    this.#isCommitting = true;
    await this.#live?.commit();
    this.#isCommitting = false;
  }

  /** What a message says about its sound may differ from what the address says. */
  async #heed({ sample_rate: rate, previous_text: text }: Chunk): Promise<void> {
    if (!this.#query) return;
    if (text && this.#chunks > 0) {
      throw new AppError('invalid_request', 'previous_text can only come with the first sound.');
    }
    const facts = {
      ...this.#facts,
      ...(rate && this.#query.audio_format.startsWith('pcm') ? { sampleRate: rate } : {}),
      ...(text ? { previousText: text } : {}),
    };
    const before = this.#facts.sampleRate ?? rateOf(this.#query.audio_format);
    if (!text && (facts.sampleRate ?? before) === before) return;
    this.#facts = facts;
    await this.#live?.configure(toLiveRequest(this.#query, facts));
  }

  #report(error: AppError): void {
    if (error.status < 500 || error.code === 'overloaded') return;
    this.#core.log.error({ requestId: this.#request.id, error, cause: error.cause }, 'request-failed');
  }
}
