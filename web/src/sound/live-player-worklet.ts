/** Plays what it is sent, in order, and tells how far it is. Runs beside the page, in the browser's sound thread. */

/** Blocks of 128 samples between two reports: about 20 a second at 24 kHz. */
const REPORT_BLOCKS = 9;

class LivePlayer extends AudioWorkletProcessor {
  #waiting: Float32Array[] = [];
  #at = 0;
  #played = 0;
  #blocks = 0;
  #isComplete = false;

  constructor() {
    super();
    this.port.addEventListener('message', ({ data }: MessageEvent<Float32Array | 'end'>) => {
      if (data === 'end') this.#isComplete = true;
      else this.#waiting.push(data);
    });
    this.port.start();
  }

  process(_: unknown, [outputs]: Float32Array[][]): boolean {
    const [output] = outputs ?? [];
    if (!output) return true;
    let filled = 0;
    while (filled < output.length) {
      const [piece] = this.#waiting;
      if (!piece) break;
      const part = piece.subarray(this.#at, this.#at + output.length - filled);
      output.set(part, filled);
      filled += part.length;
      this.#at += part.length;
      if (this.#at >= piece.length) {
        this.#waiting.shift();
        this.#at = 0;
      }
    }
    this.#played += filled;
    const isDone = this.#isComplete && this.#waiting.length === 0;
    this.#blocks += 1;
    if (isDone || this.#blocks % REPORT_BLOCKS === 0) this.port.postMessage({ played: this.#played, isDone });
    return !isDone;
  }
}

registerProcessor('live-player', LivePlayer);
