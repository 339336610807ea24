import Spectrogram from 'wavesurfer.js/plugins/spectrogram';
import { MadeBy } from '../parts/made-by.tsx';
import { Waveform } from '../parts/waveform.tsx';
import { saveFile } from '../sound/save-file.ts';
import type { MadeSound } from './sound-making.ts';

/** Hertz at which a sound is looked at: enough for what ears hear. */
const SAMPLE_RATE = 44_100;

const EXTENSIONS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/wav': 'wav',
};

/** A sound to be heard, its loudness above and its pitches below. */
export function SoundView({ made, title }: { readonly made: MadeSound; readonly title: string }) {
  const type = made.sound.type.split(';')[0] ?? '';
  const name = `${
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .slice(0, 40) || 'sound'
  }.${EXTENSIONS[type] ?? 'bin'}`;
  return (
    <section class="card" aria-label="What was made">
      <div class="sound-view">
        <Waveform sound={made.sound} label={title} extras={drawn} />
      </div>
      <p class="hint">
        Below the wave: time to the right, pitch upwards to 18 kHz, brighter where it is louder.
      </p>
      <div class="actions">
        <button type="button" class="quiet" onClick={() => saveFile(made.sound, name)}>
          Download
        </button>
      </div>
      <MadeBy notes={made.notes} />
    </section>
  );
}

function drawn() {
  return {
    sampleRate: SAMPLE_RATE,
    plugins: [
      Spectrogram.create({
        height: 140,
        fftSamples: 1024,
        frequencyMin: 30,
        frequencyMax: 18_000,
        scale: 'mel',
        colorMap: 'roseus',
        autoGain: true,
        rangeDB: 70,
      }),
    ],
  };
}
