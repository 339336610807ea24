import type { ArpeggioPattern, BassPattern, ChordPattern, GrooveName, Style } from './music-style.ts';
import { styleOf } from './music-styles.ts';
import type { DrumKit, Instrument, Role } from './music-terms.ts';
import { AFFINITY, chordPattern, STAND_BY, SUSTAINING } from './music-seating.ts';
import type { MusicWish } from './music-wish.ts';

/** Somebody in the band: what they do, with what, how loud, and how much has to be going on before they join in. */
export type PartPlan = {
  readonly instrument: Instrument;
  /** Decibels against the others. */
  readonly level: number;
  /** Whether the prompt names it: then it is heard from the beginning. */
  readonly named: boolean;
} & (
  | { readonly role: 'bass'; readonly pattern: BassPattern }
  | { readonly role: 'chords'; readonly pattern: ChordPattern; readonly alone: boolean }
  | { readonly role: 'arpeggio'; readonly pattern: ArpeggioPattern }
  | { readonly role: 'melody'; readonly density: number }
  | { readonly role: 'pad' | 'counter' }
);

/** The drums of a piece. */
export interface DrumPlan {
  readonly groove: GrooveName;
  readonly kit: DrumKit;
  readonly level: number;
  readonly named: boolean;
}

/** Who plays in a piece. */
export interface Arrangement {
  readonly parts: readonly PartPlan[];
  readonly drums?: DrumPlan;
}

/** Decides who plays: the style's own band, those who are named, nobody who must not. */
export function arrange(style: Style, wish: MusicWish): Arrangement {
  const band = new Map<Role, PartPlan>();
  for (const part of styleParts(style)) band.set(part.role, part);
  joinSecond(band, wish);
  const extra = seatNamed(band, { style, wish });
  seatRoles(band, { style, wish });
  const allowed = [...band.values(), ...extra].flatMap((part) => permitted(part, wish));
  const parts = chosenParts(allowed, { style, wish }).toSorted(
    (a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role),
  );
  const drums = drumsOf(style, wish);
  return {
    parts: withoutGaps(parts, { style, wish, drums: drums !== undefined }),
    ...(drums ? { drums } : {}),
  };
}

const ORDER: readonly Role[] = ['bass', 'chords', 'pad', 'arpeggio', 'melody', 'counter'];

function styleParts({ bass, chords, pad, arpeggio, melody, counter }: Style): PartPlan[] {
  const named = false;
  return [
    ...(bass
      ? [{ role: 'bass' as const, instrument: bass.by, pattern: bass.as, level: bass.level, named }]
      : []),
    ...(chords
      ? [
          {
            role: 'chords' as const,
            instrument: chords.by,
            pattern: chords.as,
            level: chords.level,
            alone: !bass,
            named,
          },
        ]
      : []),
    ...(pad ? [{ role: 'pad' as const, instrument: pad.by, level: pad.level, named }] : []),
    ...(arpeggio
      ? [
          {
            role: 'arpeggio' as const,
            instrument: arpeggio.by,
            pattern: arpeggio.as,
            level: arpeggio.level,
            named,
          },
        ]
      : []),
    ...(melody
      ? [
          {
            role: 'melody' as const,
            instrument: melody.by[0],
            density: melody.density,
            level: melody.level,
            named,
          },
        ]
      : []),
    ...(counter ? [{ role: 'counter' as const, instrument: counter.by, level: counter.level, named }] : []),
  ];
}

/** A second kind of music in the prompt lends what the first has not. */
function joinSecond(band: Map<Role, PartPlan>, { genres }: MusicWish): void {
  const [, second] = genres;
  if (!second) return;
  for (const part of styleParts(styleOf(second))) {
    if (!band.has(part.role)) band.set(part.role, { ...part, level: part.level - 2 });
    else if (part.role === 'chords' && SUSTAINING.has(part.instrument) && !band.has('pad')) {
      band.set('pad', { role: 'pad', instrument: part.instrument, level: part.level - 4, named: false });
    }
  }
}

interface Seating {
  readonly style: Style;
  readonly wish: MusicWish;
}

/** Those who are named take the seats that suit them; who finds none doubles as a second voice. */
function seatNamed(band: Map<Role, PartPlan>, { style, wish }: Seating): PartPlan[] {
  const taken = new Set<Role>();
  const extra: PartPlan[] = [];
  for (const instrument of wish.instruments) {
    const seated = [...band.values()].find((part) => part.instrument === instrument && !taken.has(part.role));
    const free = AFFINITY[instrument].filter((role) => !taken.has(role) && !wish.withoutRoles.includes(role));
    const role = seated?.role ?? free.find((one) => band.has(one)) ?? free[0];
    if (!role) {
      const last = AFFINITY[instrument][0] ?? 'counter';
      extra.push(planFor(last === 'bass' ? 'bass' : 'counter', instrument, { style, level: -7 }));
      continue;
    }
    taken.add(role);
    band.set(role, planFor(role, instrument, { style, level: Math.max(-5, band.get(role)?.level ?? -4) }));
  }
  return extra;
}

/** A part that is named without saying who plays it is there, too. */
function seatRoles(band: Map<Role, PartPlan>, { style, wish }: Seating): void {
  for (const role of wish.roles) {
    const present = band.get(role);
    if (present) band.set(role, { ...present, named: true });
    else if (role !== 'drums') {
      const [instrument] = STAND_BY[role].filter((one) => !wish.withoutInstruments.includes(one));
      if (instrument) band.set(role, planFor(role, instrument, { style, level: -4 }));
    }
  }
}

function planFor(
  role: Role,
  instrument: Instrument,
  { style, level }: { readonly style: Style; readonly level: number },
): PartPlan {
  const common = { instrument, level, named: true };
  switch (role) {
    case 'drums':
    case 'counter':
    case 'pad':
      return { ...common, role: role === 'pad' ? 'pad' : 'counter' };
    case 'bass':
      return { ...common, role, pattern: bassPattern(style, instrument) };
    case 'chords':
      return { ...common, role, pattern: chordPattern(style, instrument), alone: !style.bass };
    case 'arpeggio':
      return { ...common, role, pattern: arpeggioPattern(style) };
    case 'melody':
      return { ...common, role, density: style.melody?.density ?? 0.8 };
  }
}

function arpeggioPattern({ arpeggio, form }: Style): ArpeggioPattern {
  return arpeggio?.as ?? (form === 'drift' ? 'sparse' : 'up and down');
}

function bassPattern(style: Style, instrument: Instrument): BassPattern {
  if (instrument === 'wobble bass' && style.genre !== 'drum and bass') return 'wobble';
  if (instrument === 'acid bass') return 'sixteenths';
  if (instrument === 'tuba') return 'root and fifth';
  return style.bass?.as ?? (style.form === 'drift' ? 'hold' : 'roots');
}

/** Nobody who is not wanted: another takes over where the part itself may stay. */
function permitted(part: PartPlan, wish: MusicWish): PartPlan[] {
  if (wish.withoutRoles.includes(part.role)) return [];
  if (part.role === 'counter' && wish.withoutRoles.includes('melody')) return [];
  if (!wish.withoutInstruments.includes(part.instrument)) return [part];
  const [other] = STAND_BY[part.role].filter((one) => !wish.withoutInstruments.includes(one));
  const missed = part.role === 'pad' || part.role === 'counter' || part.role === 'arpeggio';
  return missed || !other ? [] : [{ ...part, instrument: other, named: false }];
}

/** All of them, or those who are named where nobody else is to be heard. */
function chosenParts(parts: readonly PartPlan[], { style, wish }: Seating): readonly PartPlan[] {
  if (wish.solo && wish.instruments.length > 0) return soloParts(parts, { style, wish });
  if (wish.only && wish.roles.length > 0) return parts.filter((part) => wish.roles.includes(part.role));
  return parts;
}

/** Only those who are named, in every part that they can play. */
function soloParts(parts: readonly PartPlan[], { style, wish }: Seating): PartPlan[] {
  const only = wish.instruments;
  const kept = parts.filter((part) => only.includes(part.instrument));
  const [first] = only;
  if (!first) return [...parts];
  const has = (role: Role) => kept.some((part) => part.role === role);
  const can = (role: Role) =>
    AFFINITY[first].includes(role) && !has(role) && !wish.withoutRoles.includes(role);
  const keys = can('chords') || has('chords');
  return [
    ...kept.map((part) => (part.role === 'chords' ? { ...part, alone: true, level: -4 } : part)),
    ...(can('chords') ? [aloneChords(first, style)] : []),
    ...(can('melody') || (!has('melody') && keys) ? [planFor('melody', first, { style, level: 0 })] : []),
  ];
}

/** Chords with their own bass. */
function aloneChords(instrument: Instrument, style: Style): PartPlan {
  const pattern = chordPattern(style, instrument);
  return { role: 'chords', instrument, pattern, level: -4, alone: true, named: true };
}

function drumsOf(style: Style, wish: MusicWish): DrumPlan | undefined {
  const named = wish.roles.includes('drums');
  if (wish.withoutRoles.includes('drums') || (wish.solo && !named)) return undefined;
  if (style.drums) return { ...style.drums, named };
  const [, second] = wish.genres;
  const lent = second ? styleOf(second).drums : undefined;
  if (lent) return { ...lent, level: lent.level - 2, named };
  if (!named) return undefined;
  if (style.form === 'concert') return { groove: 'cinematic', kit: 'orchestral', level: -4, named };
  return { groove: 'lazy', kit: 'electronic', level: -4, named };
}

/** A piece in which everything was forbidden still needs somebody who plays. */
function withoutGaps(
  parts: readonly PartPlan[],
  { style, wish, drums }: Seating & { readonly drums: boolean },
): readonly PartPlan[] {
  if (parts.length > 0 || drums) return parts;
  const roles = (['pad', 'chords', 'melody', 'arpeggio', 'bass'] as const).filter(
    (role) => !wish.withoutRoles.includes(role),
  );
  const role = roles[0] ?? 'pad';
  const instrument = STAND_BY[role].find((one) => !wish.withoutInstruments.includes(one)) ?? 'pad';
  return [planFor(role, instrument, { style, level: 0 })];
}
