import type { MarkedPart, MarkedText } from '../../media/text/marked-text.ts';

type TextPart = Extract<MarkedPart, { readonly kind: 'text' }>;

/** A stretch of text that one voice speaks in one go, in one language, tempo and pitch. */
export interface ScriptRun {
  readonly kind: 'run';
  /** Its range in the text without markup. */
  readonly start: number;
  readonly end: number;
  /** BCP 47; absent: that of the request. */
  readonly language?: string;
  /** Absent: that of the request. */
  readonly voice?: string;
  /** Tempo against that of the request. */
  readonly speed: number;
  /** Shift against the pitch of the request. */
  readonly pitchSemitones: number;
  /** What is spoken in which manner; they partition the range. */
  readonly stretches: readonly TextPart[];
}

/** A time in which nobody speaks. */
export interface ScriptPause {
  readonly kind: 'pause';
  readonly seconds: number;
  /** Whether a tone sounds meanwhile. */
  readonly tone: boolean;
}

/** What is spoken, in order. */
export type ScriptPart = ScriptRun | ScriptPause;

/**
 * Cuts a marked text into runs and pauses. Only what changes voice, language, tempo or pitch begins another run, so
 * that what marks a word or makes it louder leaves the sentence whole. Pauses that follow one another become one.
 */
export function toScript(marked: MarkedText): readonly ScriptPart[] {
  const script: ScriptPart[] = [];
  let blank: TextPart[] = [];
  for (const part of marked.parts) {
    const last = script.at(-1);
    if (part.kind === 'pause') {
      const tone = part.tone ?? false;
      if (last?.kind === 'pause' && last.tone === tone)
        script[script.length - 1] = { ...last, seconds: last.seconds + part.seconds };
      else script.push({ kind: 'pause', seconds: part.seconds, tone });
      continue;
    }
    const isBlank = marked.text.slice(part.start, part.end).trim() === '';
    if (last?.kind === 'run' && (isBlank || continues(last, part)))
      script[script.length - 1] = { ...last, end: part.end, stretches: [...last.stretches, part] };
    // White space alone is no run; it belongs to the next one.
    else if (isBlank) blank.push(part);
    else {
      script.push(toRun(part, blank));
      blank = [];
    }
  }
  return script;
}

function continues(run: ScriptRun, { manner }: TextPart): boolean {
  return (
    run.language === manner.language &&
    run.voice === manner.voice &&
    run.speed === manner.speed &&
    run.pitchSemitones === manner.pitchSemitones
  );
}

function toRun(part: TextPart, before: readonly TextPart[]): ScriptRun {
  const { language, voice, speed, pitchSemitones } = part.manner;
  return {
    kind: 'run',
    start: before[0]?.start ?? part.start,
    end: part.end,
    ...(language === undefined ? {} : { language }),
    ...(voice === undefined ? {} : { voice }),
    speed,
    pitchSemitones,
    stretches: [...before, part],
  };
}
