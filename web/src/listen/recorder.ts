import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { openMicrophone, type Microphone } from '../sound/microphone.ts';
import { toInt16, wavFile } from '../sound/wav-file.ts';
import { openDictation, type Dictation } from './dictation.ts';
import type { Transcript } from './transcript.ts';

/** What a recording is to be, besides a recording. */
export interface RecorderWish {
  /** Whether it is written down while it is spoken. */
  readonly live: boolean;
  readonly model: string;
  readonly language: string;
}

/** What came of it. */
export interface Recorded {
  readonly recording: File;
  /** Where it was written down meanwhile. */
  readonly transcript?: Transcript;
}

/** What a recorder is doing. */
export type RecorderState = 'idle' | 'opening' | 'recording' | 'ending';

/** A recorder with its state. */
export interface Recorder {
  readonly state: Signal<RecorderState>;
  readonly seconds: Signal<number>;
  /** What has been understood so far. */
  readonly text: Signal<string>;
  readonly failure: Signal<string>;
  readonly begin: (wish: RecorderWish) => Promise<void>;
  readonly end: () => Promise<Recorded | undefined>;
}

interface Session {
  readonly microphone: Microphone;
  readonly pieces: Int16Array<ArrayBuffer>[];
  dictation?: Dictation;
  /** Resolves when the line for the dictation stands, or has failed. */
  dictating?: Promise<void>;
}

/** Records what is said; the microphone is given back with the page. */
export function useRecorder(): Recorder {
  const state = useSignal<RecorderState>('idle');
  const seconds = useSignal(0);
  const text = useSignal('');
  const failure = useSignal('');
  const session = useRef<Session>(undefined);
  const gone = useRef(false);
  const complain = (error: unknown) => {
    failure.value = error instanceof Error ? error.message : String(error);
  };
  useEffect(
    () => () => {
      gone.current = true;
      if (session.current) void leave(session.current);
    },
    [],
  );
  const begin = async (wish: RecorderWish) => {
    text.value = '';
    failure.value = '';
    seconds.value = 0;
    state.value = 'opening';
    try {
      const own = await openSession((length) => (seconds.value = length));
      if (gone.current) return await leave(own);
      session.current = own;
      state.value = 'recording';
      if (wish.live) own.dictating = dictate(own, wish, (heard) => (text.value = heard)).catch(complain);
    } catch (error) {
      state.value = 'idle';
      complain(error);
    }
  };
  const end = async () => {
    const own = session.current;
    session.current = undefined;
    if (!own) return undefined;
    state.value = 'ending';
    try {
      return await finish(own);
    } catch (error) {
      complain(error);
      return { recording: fileOf(own) };
    } finally {
      state.value = 'idle';
    }
  };
  return { state, seconds, text, failure, begin, end };
}

async function openSession(onLength: (seconds: number) => void): Promise<Session> {
  const pieces: Int16Array<ArrayBuffer>[] = [];
  let samples = 0;
  const own: { session?: Session } = {};
  const microphone = await openMicrophone((sound) => {
    const piece = toInt16(sound);
    pieces.push(piece);
    samples += piece.length;
    own.session?.dictation?.send(piece);
    onLength(samples / microphone.sampleRate);
  });
  own.session = { microphone, pieces };
  return own.session;
}

/** What was said before the line stood is sent first. */
async function dictate(session: Session, wish: RecorderWish, onText: (text: string) => void): Promise<void> {
  const { sampleRate } = session.microphone;
  const dictation = await openDictation({ ...wish, sampleRate }, { onText });
  for (const piece of session.pieces) dictation.send(piece);
  session.dictation = dictation;
}

async function finish(session: Session): Promise<Recorded> {
  await session.microphone.stop();
  await session.dictating;
  const transcript = await session.dictation?.finish();
  return { recording: fileOf(session), ...(transcript ? { transcript } : {}) };
}

function fileOf({ pieces, microphone }: Session): File {
  return new File([wavFile(pieces, microphone.sampleRate)], 'recording.wav', { type: 'audio/wav' });
}

async function leave({ microphone, dictation }: Session): Promise<void> {
  dictation?.close();
  await microphone.stop();
}
