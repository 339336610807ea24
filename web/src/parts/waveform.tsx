import { useEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import WaveSurfer, { type WaveSurferOptions } from 'wavesurfer.js';

interface WaveformOptions {
  readonly sound: Blob;
  readonly label: string;
  /** Called while it plays, with seconds from its start. */
  readonly onTime?: (seconds: number) => void;
  /** Called whenever it begins to play. */
  readonly onPlay?: () => void;
  /** Where it is heard meanwhile from elsewhere, in seconds. */
  readonly followed?: number | undefined;
  /** Set from outside to have it play from there. */
  readonly seekTo?: { readonly seconds: number } | undefined;
  /** What else is drawn, and how. */
  readonly extras?: () => Pick<WaveSurferOptions, 'plugins' | 'sampleRate'>;
}

/** Sound that is there, to be seen and heard. */
export function Waveform(options: WaveformOptions) {
  const { place, player, playing, seconds, problem } = useWaves(options);
  const { label, followed, seekTo } = options;
  useEffect(() => {
    if (followed !== undefined && seconds.peek().all > 0) player.current?.setTime(followed);
  }, [followed]);
  useEffect(() => {
    if (!seekTo) return;
    player.current?.setTime(seekTo.seconds);
    void player.current?.play();
  }, [seekTo]);
  return (
    <div class="waveform" role="group" aria-label={label}>
      <button
        type="button"
        class="round"
        aria-label={playing.value ? 'Pause' : 'Play'}
        onClick={() => void player.current?.playPause()}
      >
        <span aria-hidden="true">{playing.value ? '❚❚' : '▶'}</span>
      </button>
      <div
        ref={place}
        class="wave"
        role="slider"
        tabIndex={0}
        aria-label="Position"
        aria-valuemin={0}
        aria-valuemax={Math.round(seconds.value.all)}
        aria-valuenow={Math.round(seconds.value.now)}
        aria-valuetext={clock(seconds.value.now)}
        onKeyDown={(event) => {
          const to = positionAfter(event.key, seconds.peek());
          if (to === undefined) return;
          event.preventDefault();
          player.current?.setTime(to);
        }}
      />
      <span class="time">
        {clock(seconds.value.now)} / {clock(seconds.value.all)}
      </span>
      {problem.value !== '' && <p class="failure">{problem.value}</p>}
    </div>
  );
}

/** Seconds that an arrow key goes on or back. */
const STEP_SECONDS = 2;

/** Where a key leads to, in seconds; nowhere for most keys. */
function positionAfter(key: string, { now, all }: { now: number; all: number }): number | undefined {
  if (key === 'Home') return 0;
  if (key === 'End') return all;
  if (key === 'ArrowRight' || key === 'ArrowUp') return Math.min(all, now + STEP_SECONDS);
  return key === 'ArrowLeft' || key === 'ArrowDown' ? Math.max(0, now - STEP_SECONDS) : undefined;
}

/** Draws the sound into the page and says how its playing goes. */
function useWaves({ sound, onTime, onPlay, extras }: WaveformOptions) {
  const place = useRef<HTMLDivElement>(null);
  const player = useRef<WaveSurfer>(null);
  // What is called is what the newest drawing was given.
  const calls = useRef({ onTime, onPlay });
  calls.current = { onTime, onPlay };
  const playing = useSignal(false);
  const seconds = useSignal({ now: 0, all: 0 });
  const problem = useSignal('');
  useEffect(() => {
    if (!place.current) return undefined;
    const own = WaveSurfer.create({
      container: place.current,
      ...LOOK,
      ...colours(),
      ...nonce(),
      ...extras?.(),
    });
    player.current = own;
    problem.value = '';
    own.on('play', () => {
      playing.value = true;
      calls.current.onPlay?.();
    });
    own.on('pause', () => (playing.value = false));
    own.on('ready', (all) => (seconds.value = { now: 0, all }));
    own.on('timeupdate', (now) => {
      seconds.value = { ...seconds.peek(), now };
      if (own.isPlaying()) calls.current.onTime?.(now);
    });
    own.on('error', (error) => (problem.value = `This browser cannot play it: ${error.message}`));
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const repaint = () => own.setOptions(colours());
    scheme.addEventListener('change', repaint);
    own.loadBlob(sound).catch(() => undefined);
    return () => {
      scheme.removeEventListener('change', repaint);
      own.destroy();
    };
  }, [sound]);
  return { place, player, playing, seconds, problem };
}

const LOOK = { height: 72, barWidth: 2, barGap: 1, barRadius: 2, normalize: true } as const;

/** Minutes and seconds. */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}

/** A canvas does not know the colours of the page by their names. */
function colours(): { waveColor: string; progressColor: string; cursorColor: string } {
  return { waveColor: colour('--wave'), progressColor: colour('--accent'), cursorColor: colour('--text') };
}

/** A custom property says what was written; a real one says which colour it came to. */
function colour(name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** The policy of the page lets only those style sheets in that carry this. */
function nonce(): { cspNonce?: string } {
  const value = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content;
  return value === undefined || value.startsWith('%') ? {} : { cspNonce: value };
}
