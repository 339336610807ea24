import { UnusableFile } from './onnx-file.ts';
import { needNetwork, needNumber, type WeightsFolder } from './weights-folder.ts';

/** Numbers without which sherpa ends the process, or counts beyond its tables. */
const NUMBERS = [
  'sample_rate',
  'window_size',
  'receptive_field_size',
  'receptive_field_shift',
  'num_speakers',
  'powerset_max_classes',
  'num_classes',
] as const;

const SAMPLE_RATE = 16_000;
/** A model must not look at more than is given to it at a time. */
const MOST_SECONDS = 30;

/** A network in the layout of pyannote's segmentation, and how many samples it looks at. Throws `UnusableFile`. */
export async function readSegmentation(
  folder: WeightsFolder,
  name: string,
): Promise<{ readonly path: string; readonly windowSamples: number }> {
  const network = await needNetwork(folder, name, NUMBERS);
  const [rate = 0, window = 0, field = 0, shift = 0, voices = 0, atOnce = 0, classes = 0] = NUMBERS.map(
    (key) => needNumber(network, key),
  );
  const problem =
    (rate === SAMPLE_RATE ? undefined : `is for ${rate} hertz`) ??
    problemOfFrames(window, field, shift) ??
    problemOfClasses(voices, atOnce, classes);
  if (problem !== undefined) throw new UnusableFile(network.path, problem);
  return { path: network.path, windowSamples: window };
}

function problemOfFrames(window: number, field: number, shift: number): string | undefined {
  const fits = field > 0 && shift > 0 && window >= 10 * shift && window <= MOST_SECONDS * SAMPLE_RATE;
  return fits ? undefined : `has a window of ${window} samples, a field of ${field} and steps of ${shift}`;
}

/** There is a class for nobody, for each voice alone, and for each pair: sherpa knows no more than two at once. */
function problemOfClasses(voices: number, atOnce: number, classes: number): string | undefined {
  const pairs = atOnce === 2 ? (voices * (voices - 1)) / 2 : 0;
  const fits = voices > 0 && (atOnce === 1 || atOnce === 2) && classes === 1 + voices + pairs;
  return fits ? undefined : `has ${classes} classes for ${voices} voices of which ${atOnce} speak at once`;
}
