import type { SoundGeneration } from '../../../core/sound/sound-engine.ts';
import type { MusicPlan } from '../../../core/sound/sound.ts';
import type { Warning } from '../../../core/warning.ts';
import { resolveBrief, type MusicBrief } from './music-brief.ts';
import type { Section } from './music-form.ts';
import { perform } from './music-performance.ts';
import { writeScore } from './music-players.ts';
import { createMusicSource } from './music-source.ts';
import type { SoundSource } from '../sound-source.ts';

/** A piece of music that is ready to be read. */
export interface ComposedMusic {
  readonly source: SoundSource;
  /** How it is laid out; as a request it gives the same kind of piece again. */
  readonly plan: MusicPlan;
  readonly warnings: readonly Warning[];
}

/** Composes a piece for a wish. The same wish with the same seed gives the same samples. */
export function composeMusic(generation: SoundGeneration): ComposedMusic {
  const brief = resolveBrief(generation);
  const performance = perform(brief, writeScore(brief));
  return {
    source: createMusicSource(brief, performance),
    plan: generation.plan ?? planOf(brief),
    warnings: brief.warnings,
  };
}

/** Lays a piece out without composing it. */
export function planMusic(generation: SoundGeneration): MusicPlan {
  return generation.plan ?? planOf(resolveBrief(generation));
}

function planOf(brief: MusicBrief): MusicPlan {
  const { style, wish, key, metre, form, arrangement, avoided } = brief;
  const players = arrangement.parts.map((part) => part.instrument);
  return {
    styles: [
      style.genre,
      ...wish.moods,
      `${Math.round(form.beatsPerMinute)} bpm`,
      `${key.tonic} ${key.mode}`,
      `${metre.name} time`,
      ...new Set(players),
      ...(arrangement.drums ? ['drums'] : []),
    ],
    avoidedStyles: avoided.length > 0 ? avoided : [...wish.withoutRoles, ...wish.withoutInstruments],
    sections: form.sections.map((section, index) => ({
      name: section.name,
      durationSeconds: round(endOf(brief, index) - section.startSeconds),
      styles: section.wish ? [] : sectionStyles(section),
      avoidedStyles: [],
      lines: [],
    })),
  };
}

function endOf({ form }: MusicBrief, index: number): number {
  return form.sections[index + 1]?.startSeconds ?? form.totalSeconds;
}

/** To a millisecond, as plans are written. */
function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function sectionStyles({ energy: [from, to] }: Section): string[] {
  const middle = (from + to) / 2;
  const level = middle < 0.45 ? 'sparse' : middle < 0.75 ? 'steady' : 'full';
  return to - from > 0.2 ? [level, 'building'] : [level];
}
