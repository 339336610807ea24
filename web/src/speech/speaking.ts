import { signal, type Signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { post } from '../connection.ts';
import { createLivePlayer, type LivePlayer } from '../sound/live-player.ts';
import { toFloat32, wavFile } from '../sound/wav-file.ts';
import { fileCall, LIVE_RATE, pathHere } from './speech-call.ts';
import { notesOf, type SpeechNotes } from './speech-notes.ts';
import { openLiveSpeech, type LiveSpeech } from './speech-stream.ts';
import type { SpeechWish } from './speech-wish.ts';
import { addCharacters, type TimedWord } from './timed-words.ts';

/** How quickly a speech came. */
export interface SpeechPace {
  /** From the click to the first sound that could be played. */
  readonly firstMs: number;
  readonly allMs: number;
  /** How long it sounds; absent where that is not known. */
  readonly seconds?: number;
}

/** A speech from its order to its end. */
export interface Speaking {
  readonly notes: Signal<SpeechNotes | undefined>;
  readonly pace: Signal<SpeechPace | undefined>;
  readonly words: Signal<readonly TimedWord[]>;
  /** Seconds that have been heard. */
  readonly heard: Signal<number>;
  readonly isPlaying: Signal<boolean>;
  readonly sound: Signal<Blob | undefined>;
  /** Has it spoken while it is made. */
  readonly speakLive: (wish: SpeechWish, abort: AbortSignal) => Promise<void>;
  /** Has it made as a file. */
  readonly makeFile: (wish: SpeechWish, abort: AbortSignal) => Promise<void>;
  readonly silence: () => void;
}

/** What is known of the speech that the page shows. It falls silent with the page. */
export function useSpeaking(): Speaking {
  const [speaking] = useState(createSpeaking);
  useEffect(() => speaking.silence, []);
  return speaking;
}

function createSpeaking(): Speaking {
  let player: LivePlayer | undefined;
  const state = {
    notes: signal<SpeechNotes | undefined>(undefined),
    pace: signal<SpeechPace | undefined>(undefined),
    words: signal<readonly TimedWord[]>([]),
    heard: signal(0),
    isPlaying: signal(false),
    sound: signal<Blob | undefined>(undefined),
  };
  const silence = () => {
    player?.stop();
    player = undefined;
    state.isPlaying.value = false;
  };
  const begin = (): number => {
    silence();
    for (const one of [state.notes, state.pace, state.sound]) one.value = undefined;
    state.words.value = [];
    state.heard.value = 0;
    return performance.now();
  };
  const open = async (abort: AbortSignal): Promise<LivePlayer> => {
    const own = await createLivePlayer(LIVE_RATE, (seconds) => {
      state.heard.value = seconds;
    });
    player = own;
    abort.addEventListener('abort', own.stop, { once: true });
    if (abort.aborted) own.stop();
    void own.finished.finally(() => {
      if (player === own) state.isPlaying.value = false;
    });
    return own;
  };
  return {
    ...state,
    silence,
    makeFile: (wish, abort) => makeFile(state, wish, { abort, begunMs: begin() }),
    speakLive: async (wish, abort) => {
      const begunMs = begin();
      // In answer to the click: later the browser would not let it sound.
      const opening = open(abort);
      try {
        const [live, own] = await Promise.all([openLiveSpeech(wish, abort), opening]);
        await speakInto(state, live, { begunMs, player: own });
      } catch (error) {
        // What was heard so far may be heard to its end; where nothing came, there is nothing to wait for.
        if (!state.sound.peek()) opening.then((own) => own.stop()).catch(() => undefined);
        throw error;
      }
    },
  };
}

type SpeakingState = Omit<Speaking, 'silence' | 'makeFile' | 'speakLive'>;

interface Run {
  readonly abort: AbortSignal;
  readonly begunMs: number;
}

async function makeFile(state: SpeakingState, wish: SpeechWish, { abort, begunMs }: Run): Promise<void> {
  const call = fileCall(wish);
  const answer = await post(pathHere(wish, call), call.body, { signal: abort });
  const firstMs = performance.now() - begunMs;
  const sound = await answer.blob();
  state.notes.value = notesOf(answer);
  state.pace.value = { firstMs, allMs: performance.now() - begunMs };
  state.sound.value = sound;
}

/** Whatever has come is kept, also when the rest does not. */
async function speakInto(
  state: SpeakingState,
  { notes, pieces }: LiveSpeech,
  { begunMs, player }: { readonly begunMs: number; readonly player: LivePlayer },
): Promise<void> {
  const kept: Int16Array<ArrayBuffer>[] = [];
  let samples = 0;
  let firstMs = 0;
  try {
    state.notes.value = notes;
    state.isPlaying.value = true;
    for await (const { pcm, characters } of pieces) {
      if (characters) state.words.value = addCharacters(state.words.peek(), characters);
      if (pcm.length === 0) continue;
      firstMs ||= performance.now() - begunMs;
      samples += pcm.length;
      kept.push(pcm);
      player.push(toFloat32(pcm));
      state.pace.value = { firstMs, allMs: performance.now() - begunMs, seconds: samples / LIVE_RATE };
    }
  } finally {
    player.end();
    if (samples > 0) state.sound.value = wavFile(kept, LIVE_RATE);
  }
}
