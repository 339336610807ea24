import { readAudioTags } from '../../media/text/audio-tags.ts';
import { holdsInlineMarkup, readInlineMarkup } from '../../media/text/inline-markup.ts';
import {
  createMarkedTextWriter,
  PLAIN_MANNER,
  unmarked,
  type MarkedText,
} from '../../media/text/marked-text.ts';
import type { Markup } from './speech.ts';

/** What one voice says in a dialogue. */
export interface DialogueInput {
  readonly text: string;
  /** Name or id. */
  readonly voice: string;
}

/** One turn of a dialogue, and where it stands in the text that is spoken, in UTF-16 offsets. */
export interface DialogueTurn {
  readonly voice: string;
  readonly start: number;
  readonly end: number;
}

/** A dialogue as one text of which each turn has its voice. */
export interface DialogueScript {
  readonly marked: MarkedText;
  readonly turns: readonly DialogueTurn[];
}

/**
 * Puts the turns behind one another, each on a line of its own, so that a pause is between them. Looks in each for what
 * may stand in the text of one voice.
 */
export function writeDialogue(
  inputs: readonly DialogueInput[],
  markup: Extract<Markup, 'inline' | 'audio_tags'>,
): DialogueScript {
  const writer = createMarkedTextWriter();
  const turns: DialogueTurn[] = [];
  for (const { text, voice } of inputs) {
    if (writer.written !== '') writer.text('\n', { ...PLAIN_MANNER, voice: turns.at(-1)?.voice ?? voice });
    const plain = holdsInlineMarkup(text) ? readInlineMarkup(text) : unmarked(text);
    const turn = markup === 'audio_tags' ? readAudioTags(plain) : plain;
    const start = writer.written.length;
    for (const part of turn.parts) {
      if (part.kind === 'pause') writer.pause(part.seconds);
      else writer.text(turn.text.slice(part.start, part.end), { ...part.manner, voice });
    }
    for (const what of turn.ignored) writer.ignore(what);
    turns.push({ voice, start, end: writer.written.length });
  }
  return { marked: writer.finish(), turns };
}
