import { Random } from '../dsp/dsp-random.ts';
import type { MusicBrief } from './music-brief.ts';
import { secondsAt } from './music-form.ts';
import type { MusicScore } from './music-players.ts';
import type { DrumPiece, Instrument, Role } from './music-terms.ts';
import { SAMPLE_RATE } from '../sound-source.ts';

/** A note when it is played. */
export interface PlayedNote {
  readonly frame: number;
  readonly gateFrames: number;
  readonly pitch: number;
  readonly velocity: number;
  /** Its number in its part. */
  readonly index: number;
  readonly beatFrames: number;
}

/** A stroke when it is played. */
export interface PlayedStroke {
  readonly frame: number;
  readonly piece: DrumPiece;
  readonly velocity: number;
  readonly index: number;
}

/** A part when it is played, in the order of time. */
export interface PlayedPart {
  readonly role: Role;
  readonly instrument: Instrument;
  readonly level: number;
  readonly notes: readonly PlayedNote[];
}

/** A piece when it is played: everything in frames. */
export interface Performance {
  readonly parts: readonly PlayedPart[];
  readonly strokes: readonly PlayedStroke[];
  readonly frames: number;
  /** Length of the loop, absent where the piece ends. */
  readonly loopFrames?: number;
}

/** Plays a score as people do: with swing, and a little before or behind the beat. */
export function perform(brief: MusicBrief, score: MusicScore): Performance {
  const { form, style, seed } = brief;
  const frames = Math.round(form.totalSeconds * SAMPLE_RATE);
  const clock = clockOf(brief, frames);
  const parts = score.parts.map((part, place): PlayedPart => {
    const random = new Random(seed, 'feel', place);
    const loose = style.looseness * (part.role === 'bass' ? 0.5 : 1) * 0.001 * SAMPLE_RATE;
    const notes = part.notes.map((note, index): PlayedNote => {
      const late = Math.round(loose * 0.5 * random.normal());
      const start = clock.frameAt(note.beat);
      const gate = clock.frameAt(note.beat + note.beats) - start;
      const frame = clock.settle(start + late);
      const velocity = Math.min(1, Math.max(0.05, note.velocity * (1 + 0.05 * random.normal())));
      return {
        frame,
        gateFrames: Math.max(600, gate),
        pitch: note.pitch,
        velocity,
        index,
        beatFrames: clock.beatFrames,
      };
    });
    return {
      role: part.role,
      instrument: part.instrument,
      level: brief.arrangement.parts[place]?.level ?? 0,
      notes: notes.toSorted((a, b) => a.frame - b.frame),
    };
  });
  const random = new Random(seed, 'feel', 'drums');
  const strokes = score.strokes.map((stroke, index): PlayedStroke => {
    const late = Math.round(style.looseness * 0.25 * 0.001 * SAMPLE_RATE * random.normal());
    return {
      frame: clock.settle(clock.frameAt(stroke.beat) + late),
      piece: stroke.piece,
      velocity: stroke.velocity,
      index,
    };
  });
  return {
    parts,
    strokes: strokes.toSorted((a, b) => a.frame - b.frame),
    frames,
    ...(brief.loop ? { loopFrames: frames } : {}),
  };
}

interface MusicClock {
  readonly beatFrames: number;
  /** The frame of a beat, swing included. */
  frameAt(beat: number): number;
  /** The same frame, within the piece. */
  settle(frame: number): number;
}

function clockOf({ form, style, metre, loop }: MusicBrief, frames: number): MusicClock {
  const swung = metre.division === 4 ? style.swing : 0;
  return {
    beatFrames: Math.round((60 / form.beatsPerMinute) * SAMPLE_RATE),
    frameAt: (beat) => Math.round(secondsAt(form, swingBeat(beat, swung, style.swungSteps)) * SAMPLE_RATE),
    settle: (frame) => (loop ? ((frame % frames) + frames) % frames : Math.max(0, frame)),
  };
}

/** Moves what lies between the main steps back, and everything around it along. */
function swingBeat(beat: number, swing: number, steps: 1 | 2): number {
  if (swing === 0) return beat;
  const unit = steps / 2;
  const whole = Math.floor(beat / unit + 1e-9) * unit;
  const place = (beat - whole) / unit;
  const middle = 0.5 + swing / 2;
  const moved = place <= 0.5 ? place * 2 * middle : middle + (place - 0.5) * 2 * (1 - middle);
  return whole + moved * unit;
}

/** The same notes, but those that are held across a frame begin there, so that whoever starts listening then hears them. */
export function takeUp(notes: readonly PlayedNote[], frame: number): readonly PlayedNote[] {
  if (!notes.some((note) => isHeld(note, frame))) return notes;
  const taken = notes.map((note) => {
    if (!isHeld(note, frame)) return note;
    return { ...note, frame, gateFrames: note.gateFrames - (frame - note.frame) };
  });
  return taken.toSorted((a, b) => a.frame - b.frame);
}

function isHeld(note: PlayedNote, frame: number): boolean {
  return note.frame < frame && note.frame + note.gateFrames > frame;
}

/** Events in the order of time from some frame on; again and again where the piece is a loop. */
export class EventQueue<Event extends { readonly frame: number }> {
  readonly #events: readonly Event[];
  readonly #loopFrames: number | undefined;
  #index: number;
  #shift: number;

  constructor(events: readonly Event[], fromFrame: number, loopFrames?: number) {
    this.#events = events;
    this.#loopFrames = loopFrames;
    const cycle = loopFrames === undefined ? 0 : Math.floor(fromFrame / loopFrames);
    this.#shift = cycle * (loopFrames ?? 0);
    const first = events.findIndex((event) => event.frame + this.#shift >= fromFrame);
    this.#index = first === -1 ? events.length : first;
    if (first === -1) this.#turn();
  }

  /** The next event before a frame, and the frame at which it comes. */
  take(before: number): { readonly event: Event; readonly frame: number } | undefined {
    const event = this.#events[this.#index];
    if (!event) return undefined;
    const frame = event.frame + this.#shift;
    if (frame >= before) return undefined;
    this.#index += 1;
    if (this.#index === this.#events.length) this.#turn();
    return { event, frame };
  }

  #turn(): void {
    if (this.#loopFrames === undefined || this.#events.length === 0) return;
    this.#index = 0;
    this.#shift += this.#loopFrames;
  }
}
