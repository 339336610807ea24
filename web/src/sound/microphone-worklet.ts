/** Hands over what the microphone hears. Runs beside the page, in the browser's sound thread. */

/** Samples of one message: about 43 ms at 48 kHz. */
const PIECE_SAMPLES = 2048;

class Microphone extends AudioWorkletProcessor {
  #piece = new Float32Array(PIECE_SAMPLES);
  #filled = 0;
  #isOver = false;

  constructor() {
    super();
    this.port.addEventListener('message', () => {
      this.#isOver = true;
      this.#hand();
      this.port.postMessage('end');
    });
    this.port.start();
  }

  process([inputs]: Float32Array[][]): boolean {
    const [input] = inputs ?? [];
    if (!input || this.#isOver) return !this.#isOver;
    for (let at = 0; at < input.length;) {
      const part = input.subarray(at, at + PIECE_SAMPLES - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === PIECE_SAMPLES) this.#hand();
    }
    return true;
  }

  #hand(): void {
    if (this.#filled === 0) return;
    const piece = this.#piece.slice(0, this.#filled);
    this.#filled = 0;
    this.port.postMessage(piece, [piece.buffer]);
  }
}

registerProcessor('microphone', Microphone);
