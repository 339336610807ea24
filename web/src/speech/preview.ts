import { signal } from '@preact/signals';
import { previewAddress } from './voice-list.ts';

/** The voice that introduces itself at the moment; empty when none does. */
export const previewed = signal('');

/** Why the last preview could not be heard. */
export const previewProblem = signal<Error | undefined>(undefined);

let player: HTMLAudioElement | undefined;

/** Plays a few words of a voice, or stops it when it is the one that plays. */
export async function togglePreview(id: string): Promise<void> {
  const isSame = previewed.value === id;
  stopPreview();
  previewProblem.value = undefined;
  if (isSame) return;
  previewed.value = id;
  try {
    const address = await previewAddress(id);
    if (previewed.peek() !== id) return;
    const own = new Audio(address);
    player = own;
    own.addEventListener('ended', () => {
      if (player === own) stopPreview();
    });
    await own.play();
  } catch (error) {
    if (previewed.peek() !== id) return;
    stopPreview();
    previewProblem.value = error instanceof Error ? error : new Error(String(error));
  }
}

/** Falls silent. */
export function stopPreview(): void {
  player?.pause();
  player = undefined;
  previewed.value = '';
}
