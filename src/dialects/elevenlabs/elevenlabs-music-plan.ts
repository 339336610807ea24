import { z } from 'zod';
import { present } from '../../base/assert.ts';
import { AppError } from '../../base/errors.ts';
import type { MusicPlan, MusicSection } from '../../core/sound/sound.ts';
import type { Warning } from '../../core/warning.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { MOST_PROMPT_CHARACTERS } from './elevenlabs-models.ts';

/** Length of a section or chunk, in milliseconds. */
const SECTION_MS = { least: 3000, most: 120_000 };
/** Length of a piece. */
export const PIECE_MS = { least: 3000, most: 600_000 };
const MOST_SECTIONS = 30;

/** Longest style, for the vendor names no limit. */
const STYLE_CHARACTERS = 1000;

const styles = z.array(z.string().max(STYLE_CHARACTERS)).max(50);
const duration = z.int().min(SECTION_MS.least).max(SECTION_MS.most);
const lines = z.array(z.string().max(200)).max(30);

const sectionsPlan = z.object({
  positive_global_styles: styles,
  negative_global_styles: styles,
  sections: z
    .array(
      z.object({
        section_name: z.string().min(1).max(100),
        positive_local_styles: styles,
        negative_local_styles: styles,
        duration_ms: duration,
        lines,
        source_from: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(MOST_SECTIONS),
});

const chunksPlan = z.object({
  chunks: z
    .array(
      z.object({
        text: z.string().max(MOST_PROMPT_CHARACTERS),
        duration_ms: duration,
        positive_styles: styles,
        negative_styles: styles.nullish(),
        context_adherence: z.enum(['low', 'medium', 'high']).nullish(),
        conditioning_ref: z.unknown().optional(),
        condition_strength: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(MOST_SECTIONS),
});

/** The vendor's two ways to write a plan: the first model's sections, and the chunks of all later ones. */
export type PlanShape = 'sections' | 'chunks';

/** The shape that a model takes; undefined for one that is not the vendor's and takes both. */
export function shapeFor(model: string): PlanShape | undefined {
  if (model === 'music_v1') return 'sections';
  return /^music_v\d/.test(model) ? 'chunks' : undefined;
}

/** A plan in our words, and what of it is not obeyed. */
export interface PlanReading {
  readonly plan: MusicPlan;
  readonly warnings: readonly Warning[];
}

/** Where a plan stands and for whom it is. */
export interface PlanPlace {
  /** The field that holds it. */
  readonly field: string;
  readonly model: string;
}

/** Reads a plan of either shape. Throws `invalid_request` for one of the wrong shape for its model. */
export function readPlan(value: unknown, { field, model }: PlanPlace): PlanReading {
  const shape = isObject(value) && 'chunks' in value ? 'chunks' : 'sections';
  const wanted = shapeFor(model);
  if (wanted !== undefined && isObject(value) && shape !== wanted) throw wrongShape(field, model, wanted);
  refuseOldSongs(value, field);
  const body = { [field]: value };
  if (shape === 'sections') {
    const { [field]: plan } = parseFields('body', z.object({ [field]: sectionsPlan }), body);
    return { plan: fromSections(present(plan, 'the plan')), warnings: [] };
  }
  const { [field]: plan } = parseFields('body', z.object({ [field]: chunksPlan }), body);
  return fromChunks(present(plan, 'the plan'), field);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongShape(field: string, model: string, wanted: PlanShape): AppError {
  return new AppError('invalid_request', `The model ${model} takes a ${field} of ${wanted}.`, {
    param: field,
    reason: 'invalid_parameters',
  });
}

/** No songs are kept here that others could be made from. */
function refuseOldSongs(value: unknown, field: string): void {
  if (!isObject(value)) return;
  const parts: readonly unknown[] = [value['sections'], value['chunks']].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  for (const part of parts) {
    if (!isObject(part)) continue;
    const name = ['song_id', 'source_from', 'conditioning_ref'].find(
      (key) => part[key] !== undefined && part[key] !== null,
    );
    if (name === undefined) continue;
    const message = `Songs are not kept here, so that a plan cannot refer to one with ${name}.`;
    throw new AppError('unsupported_feature', message, { param: `${field}.${name}` });
  }
}

function fromSections(plan: z.output<typeof sectionsPlan>): MusicPlan {
  return {
    styles: plan.positive_global_styles,
    avoidedStyles: plan.negative_global_styles,
    sections: plan.sections.map((section) => ({
      name: section.section_name,
      durationSeconds: section.duration_ms / 1000,
      styles: section.positive_local_styles,
      avoidedStyles: section.negative_local_styles,
      lines: section.lines,
    })),
  };
}

type Chunk = z.output<typeof chunksPlan>['chunks'][number];

/** The styles of the first chunk set the tone of the whole piece with the vendor, too. */
function fromChunks({ chunks }: z.output<typeof chunksPlan>, field: string): PlanReading {
  const [first] = chunks;
  const loose = chunks.find(({ context_adherence: value }) => value === 'low' || value === 'medium');
  const reason = 'chunks always follow from one another here';
  return {
    plan: {
      styles: first?.positive_styles ?? [],
      avoidedStyles: first?.negative_styles ?? [],
      sections: chunks.map(toSection),
    },
    warnings: loose ? [{ type: 'ignored', setting: `${field}.chunks.context_adherence`, reason }] : [],
  };
}

/** `[Verse 1]` at the beginning names the section, `{braces}` hold directions, all else is sung. */
function toSection(chunk: Chunk, index: number): MusicSection {
  const [, named, rest = chunk.text] = /^\s*\[([^\]]{1,100})\]([^]*)$/.exec(chunk.text) ?? [];
  const directions = [...rest.matchAll(/\{([^{}]+)\}/g)].map(([, direction = '']) => direction.trim());
  const sung = rest.replaceAll(/\{[^{}]*\}/g, '').split('\n');
  return {
    name: named?.trim() || `Part ${index + 1}`,
    durationSeconds: chunk.duration_ms / 1000,
    styles: [...chunk.positive_styles, ...directions],
    avoidedStyles: chunk.negative_styles ?? [],
    lines: sung.map((line) => line.trim()).filter((line) => line !== ''),
  };
}

/** Length of a planned piece, in seconds. */
export function planSeconds({ sections }: MusicPlan): number {
  return sections.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
}

/** The sections of one plan in the styles of a new one before their own, as long as the new one all together. */
export function revisedPlan(source: MusicPlan, fresh: MusicPlan): MusicPlan {
  const stretch = planSeconds(fresh) / planSeconds(source);
  return {
    styles: joined(fresh.styles, source.styles),
    avoidedStyles: joined(fresh.avoidedStyles, source.avoidedStyles),
    sections: source.sections.map((section) => ({
      ...section,
      durationSeconds: section.durationSeconds * stretch,
    })),
  };
}

/** A plan as the vendor writes it for a model, so that it can be handed in again. */
export function writePlan(plan: MusicPlan, shape: PlanShape): object {
  const timed = withTimes(plan);
  if (shape === 'sections') {
    return {
      positive_global_styles: plan.styles,
      negative_global_styles: plan.avoidedStyles,
      sections: timed.map(({ section, durationMs }) => ({
        section_name: section.name,
        positive_local_styles: section.styles,
        negative_local_styles: section.avoidedStyles,
        duration_ms: durationMs,
        lines: section.lines,
      })),
    };
  }
  return {
    chunks: timed.map(({ section, durationMs }, index) => ({
      text: [`[${section.name}]`, ...section.lines].join('\n'),
      duration_ms: durationMs,
      positive_styles: index === 0 ? joined(plan.styles, section.styles) : section.styles,
      negative_styles:
        index === 0 ? joined(plan.avoidedStyles, section.avoidedStyles) : section.avoidedStyles,
      context_adherence: 'high',
    })),
  };
}

function joined(first: readonly string[], second: readonly string[]): readonly string[] {
  return [...new Set([...first, ...second])].slice(0, 50);
}

interface TimedSection {
  readonly section: MusicSection;
  readonly durationMs: number;
}

/** Whole milliseconds that add up, and no section shorter or longer than the vendor takes. */
function withTimes({ sections }: MusicPlan): readonly TimedSection[] {
  let endMs = 0;
  let endSeconds = 0;
  const timed = sections.map((section): TimedSection => {
    const startMs = endMs;
    endSeconds += section.durationSeconds;
    endMs = Math.round(endSeconds * 1000);
    return { section, durationMs: endMs - startMs };
  });
  return withinCount(timed.reduce(withoutShort, [])).flatMap(cutLong);
}

/** A section that is too short for one belongs to its neighbour. */
function withoutShort(before: readonly TimedSection[], next: TimedSection): readonly TimedSection[] {
  const last = before.at(-1);
  if (!last || (next.durationMs >= SECTION_MS.least && last.durationMs >= SECTION_MS.least))
    return [...before, next];
  const { section } = last.durationMs >= next.durationMs ? last : next;
  return [...before.slice(0, -1), { section, durationMs: last.durationMs + next.durationMs }];
}

/** The neighbours that are shortest together become one, as long as there are more sections than the vendor takes. */
function withinCount(sections: readonly TimedSection[]): readonly TimedSection[] {
  if (sections.length <= MOST_SECTIONS) return sections;
  const pairs = sections.slice(1).map((next, index) => next.durationMs + (sections[index]?.durationMs ?? 0));
  const shortest = pairs.indexOf(Math.min(...pairs));
  const pair = sections.slice(shortest, shortest + 2);
  const { section } =
    pair.toSorted((a, b) => b.durationMs - a.durationMs)[0] ?? present(sections[0], 'a section');
  const joint = { section, durationMs: pairs[shortest] ?? 0 };
  return withinCount([...sections.slice(0, shortest), joint, ...sections.slice(shortest + 2)]);
}

function cutLong({ section, durationMs }: TimedSection): readonly TimedSection[] {
  const count = Math.ceil(durationMs / SECTION_MS.most);
  if (count <= 1) return [{ section, durationMs }];
  return Array.from({ length: count }, (_, index) => ({
    section: {
      ...section,
      name: index === 0 ? section.name : `${section.name} ${index + 1}`,
      lines: index === 0 ? section.lines : [],
    },
    durationMs: Math.round((durationMs * (index + 1)) / count) - Math.round((durationMs * index) / count),
  }));
}
