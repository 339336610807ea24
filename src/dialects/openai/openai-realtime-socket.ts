import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, toAppError } from '../../base/errors.ts';
import type { Core } from '../../core/core.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import type { LiveTranscription } from '../../core/transcription/live-request.ts';
import { bearerToken } from '../bearer-token.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import { enterWithSocket, findCaller } from '../request-admission.ts';
import { connectionSignal, watchCaller } from '../socket-caller.ts';
import {
  bytesInBase64,
  converse,
  objectInFrame,
  type ClientFrame,
  type Conversation,
} from '../socket-conversation.ts';
import { watchSession, type SessionLimits, type SessionWatch } from '../socket-limits.ts';
import { CLOSE, socketRoute } from '../web-sockets.ts';
import { errorBody } from './openai-errors.ts';
import { createRealtimeWriter, realtimeEvent, type RealtimeWriter } from './openai-realtime-events.ts';
import { toRealtimeTask } from './openai-realtime-request.ts';
import { newSessionId, SECRET_PREFIX } from './openai-realtime-secrets.ts';
import {
  changedOldSession,
  changedSession,
  DEFAULT_SESSION,
  oldSessionJson,
  sessionJson,
  type RealtimeSession,
} from './openai-realtime-session.ts';

/** Bytes of sound that the vendor takes in one event. */
const MOST_BYTES = 15 * 1024 * 1024;
/** The vendor refuses to commit less. */
const LEAST_SECONDS = 0.1;
/** The vendor ends a session after an hour. That a client which says nothing is not there any more is ours. */
const LIMITS: SessionLimits = { sessionMs: 60 * 60_000, idleMs: 5 * 60_000 };
/** The subprotocol in which a page, which cannot send headers, hides its key. */
const KEY_PROTOCOL = 'openai-insecure-api-key.';

export const query = z.object({ intent: z.string().optional(), model: z.string().optional() });
const appendEvent = z.object({ audio: z.string() });
const updateEvent = z.object({ session: z.record(z.string(), z.unknown()) });

/** `/realtime`: what is said is written down while it is said. */
export function realtimeRoute(scope: FastifyInstance, core: Core): void {
  /** With which session each admitted caller begins. */
  const starting = new WeakMap<FastifyRequest, RealtimeSession>();
  socketRoute(scope, {
    path: '/realtime',
    hint: 'This address takes WebSockets only, such as wss://…/v1/realtime?intent=transcription.',
    admit: async (request) => {
      let content: unknown;
      const principal = await findCaller(core, request, async () => {
        const caller = await callerOf(core, request);
        content = caller.content;
        return caller.principal;
      });
      request.antiphon = { ...request.antiphon, principal };
      refuseConversations(core, request);
      starting.set(request, startingSession(request, content));
      await enterWithSocket(core, { request, signal: connectionSignal(request) });
    },
    open: (socket, request) =>
      listen(core, socket, { request, session: starting.get(request) ?? DEFAULT_SESSION }),
  });
}

/** The key in the header, or hidden among the subprotocols. */
function credentialOf(request: FastifyRequest): string | undefined {
  const offered = [request.headers['sec-websocket-protocol'] ?? ''].flat().join(',').split(',');
  const hidden = offered.map((one) => one.trim()).find((one) => one.startsWith(KEY_PROTOCOL));
  return bearerToken(request) ?? hidden?.slice(KEY_PROTOCOL.length);
}

async function callerOf(core: Core, request: FastifyRequest) {
  const credential = credentialOf(request);
  if (credential?.startsWith(SECRET_PREFIX)) return core.passes.redeem(credential, 'live_transcription');
  return { principal: await core.authenticator.authenticate(credential), content: undefined };
}

/** Without the intent the vendor holds a conversation, which nothing here can do. */
function refuseConversations(core: Core, request: FastifyRequest): void {
  const { intent, model } = parseBody(query, request.query);
  const hears = model === undefined || core.models.findPublic(model)?.capability === 'transcription';
  if (intent === 'transcription' || (intent === undefined && hears)) return;
  const message = 'Conversations are not held here, only transcriptions: connect with ?intent=transcription.';
  throw new AppError('unsupported_feature', message, { param: intent === undefined ? 'model' : 'intent' });
}

/** What an admitted caller comes with. */
interface Opening {
  readonly request: FastifyRequest;
  readonly session: RealtimeSession;
}

function listen(core: Core, socket: WebSocket, opening: Opening): void {
  const id = newSessionId();
  const listener = new RealtimeListener(core, id);
  const conversation = converse(socket, core.log, (frame) => listener.hear(frame));
  listener.begin(conversation, opening);
}

/** One end of a conversation. */
class RealtimeListener {
  readonly #core: Core;
  readonly #id: string;
  readonly #writer: RealtimeWriter;
  /** In seconds since 1970. */
  readonly #expiresAt: number;
  #conversation: Conversation | undefined;
  #live: LiveTranscription | undefined;
  #session: RealtimeSession = DEFAULT_SESSION;
  #state: 'fresh' | 'configured' | 'refused' = 'fresh';
  #isStrict = false;
  #watch: SessionWatch | undefined;
  /** Items that are complete and whose text is still to come. */
  readonly #awaited = new Set<number>();

  constructor(core: Core, id: string) {
    this.#core = core;
    this.#id = id;
    this.#writer = createRealtimeWriter(id);
    this.#expiresAt = Math.floor((core.clock.now() + LIMITS.sessionMs) / 1000);
  }

  begin(conversation: Conversation, { request, session }: Opening): void {
    this.#conversation = conversation;
    const { signal } = conversation;
    const context = { ...request.antiphon, signal };
    this.#isStrict = context.strict;
    this.#session = session;
    this.#watch = watchSession(signal, {
      ...LIMITS,
      isBusy: () => this.#awaited.size > 0,
      onIdle: () => this.#expire(`No event came for ${LIMITS.idleMs / 60_000} minutes.`),
      onTooLong: () =>
        this.#expire(`Your session hit the maximum duration of ${LIMITS.sessionMs / 60_000} minutes.`),
    });
    this.#live = this.#core.liveTranscription.open(context, (event) => {
      if (event.type === 'item-commit') this.#awaited.add(event.item);
      if (event.type === 'item-end' || event.type === 'item-failure') this.#awaited.delete(event.item);
      for (const message of this.#writer.write(event)) void conversation.say(message);
    });
    watchCaller(this.#core, { request, signal, onUnwanted: (error) => this.#end(error, CLOSE.policy) });
    this.#say('session.created', { session: sessionJson(this.#id, this.#session, this.#expiresAt) });
  }

  /** What is wrong with an event is said in one, and the socket stays open. */
  async hear(frame: ClientFrame): Promise<void> {
    await this.#watch?.during(() => this.#hear(objectInFrame(frame)));
  }

  async #hear(event: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    try {
      if (!event) throw new AppError('invalid_request', 'Every message must be text that is a JSON object.');
      await this.#obey(event);
    } catch (thrown) {
      if (this.#conversation?.signal.aborted) return;
      const error = toAppError(thrown);
      if (error.status >= 500) this.#core.log.error({ error, cause: error.cause }, 'request-failed');
      const event_id = typeof event?.['event_id'] === 'string' ? event['event_id'] : null;
      this.#say('error', { error: { ...errorBody(error).error, event_id } });
    }
  }

  async #obey(event: Readonly<Record<string, unknown>>): Promise<void> {
    switch (event['type']) {
      case 'session.update':
        return this.#change(changedSession(this.#session, parseBody(updateEvent, event).session), {
          type: 'session.updated',
          toJson: sessionJson,
        });
      case 'transcription_session.update':
        return this.#change(changedOldSession(this.#session, parseBody(updateEvent, event).session), {
          type: 'transcription_session.updated',
          toJson: oldSessionJson,
        });
      case 'input_audio_buffer.append':
        return this.#append(parseBody(appendEvent, event).audio);
      case 'input_audio_buffer.commit':
        return this.#commit();
      case 'input_audio_buffer.clear':
        (await this.#configured())?.clear();
        return this.#say('input_audio_buffer.cleared', {});
      default:
        throw invalidFields([
          {
            path: ['type'],
            kind: 'not_allowed_value',
            message:
              'must be session.update, input_audio_buffer.append, input_audio_buffer.commit or input_audio_buffer.clear',
            received: event['type'],
          },
        ]);
    }
  }

  async #change(
    session: RealtimeSession,
    answer: { readonly type: string; readonly toJson: typeof sessionJson },
  ): Promise<void> {
    const facts = await this.#configure(session);
    this.#say(answer.type, {
      session: { ...answer.toJson(this.#id, session, this.#expiresAt), antiphon: facts },
    });
  }

  async #configure(session: RealtimeSession): Promise<object> {
    const { request, warnings } = toRealtimeTask(session);
    if (this.#isStrict) refuseUnderStrict(warnings);
    const answer = await this.#live?.configure(request);
    this.#session = session;
    this.#state = 'configured';
    return {
      model: answer?.servedBy,
      stand_in: answer?.standIn,
      warnings: [...warnings, ...(answer?.warnings ?? [])],
    };
  }

  /** Sound may come without a word about how to hear it. Where it cannot be heard, saying so once is enough. */
  async #configured(): Promise<LiveTranscription | undefined> {
    if (this.#state === 'refused') return undefined;
    if (this.#state === 'fresh') {
      this.#state = 'refused';
      await this.#configure(this.#session);
    }
    return this.#live;
  }

  async #append(audio: string): Promise<void> {
    const bytes = bytesInBase64(audio);
    if (!bytes) {
      throw invalidFields([{ path: ['audio'], kind: 'malformed', message: 'must be sound in base64' }]);
    }
    if (bytes.length > MOST_BYTES) {
      const message = `An event may bring ${MOST_BYTES} bytes of sound, and this one brings ${bytes.length}.`;
      throw new AppError('invalid_request', message, { param: 'audio' });
    }
    await (await this.#configured())?.append(bytes);
  }

  async #commit(): Promise<void> {
    const live = await this.#configured();
    if (live && live.uncommittedSeconds >= LEAST_SECONDS) {
      await live.commit();
      return;
    }
    const seconds = live?.uncommittedSeconds.toFixed(2) ?? 'none';
    const message = `There must be at least ${LEAST_SECONDS} s of sound to commit, and there is ${seconds}.`;
    throw new AppError('invalid_request', message, { reason: 'commit_empty' });
  }

  #expire(message: string): void {
    this.#end(new AppError('invalid_request', message, { reason: 'session_expired' }), CLOSE.goingAway);
  }

  #end(error: AppError, code: number): void {
    this.#say('error', { error: { ...errorBody(error).error, event_id: null } });
    this.#conversation?.close(code, error.message);
  }

  #say(type: string, content: object): void {
    void this.#conversation?.say(realtimeEvent(type, content));
  }
}

/** What comes with the secret, or with the name of a model in the address. */
function startingSession(request: FastifyRequest, made: unknown): RealtimeSession {
  const { model } = parseBody(query, request.query);
  // Only sessions are ever made the content of such a pass.
  if (made !== undefined) return made as RealtimeSession;
  return model === undefined ? DEFAULT_SESSION : { ...DEFAULT_SESSION, transcription: { model } };
}
