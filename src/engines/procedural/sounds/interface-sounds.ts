import { FmVoice } from '../dsp/dsp-fm.ts';
import { shrinkPerFrame } from '../dsp/dsp-envelopes.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import type { Layer } from './effect-layers.ts';
import { addBurst, addGlide, emptyStrike } from './effect-strikes.ts';
import { struck } from './impact-sounds.ts';

/** What screens and games say. */
export const INTERFACE_SOUNDS: readonly EffectClass[] = [
  {
    id: 'success',
    names:
      'success, correct, level up, win, victory, complete, achievement, power up, powerup, confirm, confirmation, reward, unlock achievement, bonus, fanfare',
    seconds: 1.2,
    make: (ask) => makeMelody(ask, { steps: [0, 4, 7, 12], beat: 0.09, hold: 0.55 }),
  },
  {
    id: 'error',
    names: 'error, fail, failure, wrong, denied, wrong answer, game over, invalid, reject, lose',
    seconds: 0.9,
    make: makeError,
  },
  {
    id: 'coin-pickup',
    names:
      'coin pickup, pickup, collect, collect coin, coin collect, item, retro coin, arcade coin, coin game',
    seconds: 0.8,
    make: makePickup,
  },
  {
    id: 'notification',
    names:
      'notification, notify, message, message tone, alert tone, chat, email, incoming message, text message, reminder, ping notification',
    seconds: 1.2,
    make: (ask) => makeMelody(ask, { steps: [7, 12], beat: 0.11, hold: 0.6 }),
  },
  { id: 'sonar', names: 'sonar, sonar ping, radar, ping', seconds: 4, make: makeSonar },
  { id: 'jump', once: true, names: 'jump, boing, spring, hop, retro jump', seconds: 0.6, make: makeJump },
  { id: 'pop', names: 'pop, cork, bubble pop, plop, cork pop, blip', seconds: 0.4, make: makePop },
  {
    id: 'click',
    names: 'click, tap screen, ui click, button click, button, press, tick click, interface, ui, menu',
    seconds: 0.3,
    make: makeClick,
  },
  {
    id: 'beep',
    names: 'beep, bleep, tone, countdown, electronic beep, sine, test tone, censor, dial tone, computer beep',
    seconds: 1.2,
    make: makeBeep,
  },
];

/** A short, soft note of a digital bell. */
function addNote(
  samples: Float32Array,
  note: {
    readonly at: number;
    readonly hertz: number;
    readonly hold: number;
    readonly level?: number;
    readonly index?: number;
  },
): void {
  const voice = new FmVoice({
    hertz: note.hertz,
    ratio: 2,
    index: note.index ?? 1.1,
    indexDecaySeconds: note.hold * 0.6,
  });
  const shrink = shrinkPerFrame(note.hold);
  const first = Math.round(note.at * 44_100);
  let envelope = note.level ?? 0.5;
  for (let index = first; index < samples.length; index += 1) {
    const attack = Math.min(1, (index - first) / 90);
    samples[index] = (samples[index] ?? 0) + voice.tick() * envelope * attack;
    envelope *= shrink;
  }
}

interface Melody {
  /** Semitones. */
  readonly steps: readonly number[];
  readonly beat: number;
  /** Time for 60 dB of a note. */
  readonly hold: number;
}

function makeMelody(ask: EffectAsk, { steps, beat, hold }: Melody): Layer[] {
  const base = (ask.hertz ?? 659 * ask.pitch) * ask.vary(0.08);
  const pace = beat / ask.pace;
  const length = steps.length * pace + hold;
  return struck(ask, { pause: length + 0.5, length, several: 2 }, () => {
    const samples = emptyStrike(length);
    steps.forEach((step, index) => {
      const last = index === steps.length - 1;
      addNote(samples, { at: index * pace, hertz: base * 2 ** (step / 12), hold: last ? hold * 1.6 : hold });
    });
    return samples;
  });
}

function makeError(ask: EffectAsk): Layer[] {
  const base = (ask.hertz ?? 220 * ask.pitch) * ask.vary(0.06);
  return struck(ask, { pause: 1.2, length: 0.8, several: 2 }, () => {
    const samples = emptyStrike(0.75);
    const harsh = [0.6, 0.5, 0.3, 0.25, 0.15];
    addGlide(samples, { from: base * 1.26, to: base * 1.24, seconds: 0.2, level: 0.4, harmonics: harsh });
    addGlide(samples, {
      at: 0.24,
      from: base * 0.98,
      to: base * 0.93,
      seconds: 0.42,
      level: 0.45,
      harmonics: harsh,
    });
    addGlide(samples, {
      at: 0.24,
      from: base * 1.04,
      to: base * 0.985,
      seconds: 0.42,
      level: 0.3,
      harmonics: harsh,
    });
    return samples;
  });
}

function makePickup(ask: EffectAsk): Layer[] {
  return struck(ask, { pause: 0.5, length: 0.6, several: 4 }, () => {
    const samples = emptyStrike(0.65);
    const harmonics = [0, 0.33, 0, 0.2, 0, 0.14];
    const base = 988 * ask.pitch * ask.vary(0.04);
    addGlide(samples, { from: base, to: base, seconds: 0.075, level: 0.35, harmonics, attack: 0.001 });
    addGlide(samples, {
      at: 0.075,
      from: base * 1.335,
      to: base * 1.335,
      seconds: 0.5,
      level: 0.35,
      decay: 0.55,
      harmonics,
      attack: 0.001,
    });
    return samples;
  });
}

function makeSonar(ask: EffectAsk): Layer[] {
  return struck(
    { ...ask, plural: ask.plural || ask.count === undefined },
    { pause: 2.2, length: 2, several: 'endless', jitter: 0 },
    () => {
      const samples = emptyStrike(2);
      const hertz = 1480 * ask.pitch;
      for (const [at, level] of [
        [0, 0.5],
        [0.34, 0.16],
        [0.71, 0.07],
      ] as const) {
        addGlide(samples, {
          at,
          from: hertz,
          to: hertz * 0.985,
          seconds: 1.2,
          level,
          decay: 1.1,
          attack: 0.003,
        });
      }
      return samples;
    },
  );
}

function makeJump(ask: EffectAsk): Layer[] {
  const spring = ask.words.has('boing') || ask.words.has('spring');
  return struck(ask, { pause: 0.7, length: 0.6, several: 3 }, () => {
    const samples = emptyStrike(0.7);
    if (!spring) {
      addGlide(samples, {
        from: 240 * ask.pitch,
        to: 820 * ask.pitch,
        seconds: 0.26,
        level: 0.4,
        harmonics: [0, 0.33, 0, 0.2],
        bend: 0.7,
      });
      return samples;
    }
    for (let wobble = 0; wobble < 7; wobble += 1) {
      const level = 0.5 * 0.72 ** wobble;
      addGlide(samples, {
        at: wobble * 0.075,
        from: 190 * ask.pitch,
        to: 330 * ask.pitch,
        seconds: 0.08,
        level,
        harmonics: [0.5, 0.3, 0.2],
      });
    }
    return samples;
  });
}

function makePop(ask: EffectAsk): Layer[] {
  return struck(ask, { pause: 0.3, length: 0.2, several: 4, jitter: 0.3 }, (random) => {
    const samples = emptyStrike(0.2);
    const base = random.between(330, 430) * ask.pitch;
    addGlide(samples, {
      from: base,
      to: base * 2.6,
      seconds: 0.075,
      level: 0.8,
      decay: 0.16,
      attack: 0.001,
      bend: 0.8,
    });
    addBurst(samples, random, {
      decay: 0.012,
      level: 0.5,
      filters: [{ kind: 'bandpass', hertz: 1300 * ask.pitch, q: 0.8 }],
    });
    return samples;
  });
}

function makeClick(ask: EffectAsk): Layer[] {
  return struck(ask, { pause: 0.3, length: 0.15, several: 4, jitter: 0.1 }, (random) => {
    const samples = emptyStrike(0.12);
    addBurst(samples, random, {
      attack: 0.0002,
      decay: 0.012,
      level: 1,
      filters: [{ kind: 'bandpass', hertz: 2600 * ask.pitch, q: 1 }],
    });
    addGlide(samples, {
      from: 1500 * ask.pitch,
      to: 900 * ask.pitch,
      seconds: 0.03,
      level: 0.4,
      decay: 0.03,
      attack: 0.0005,
    });
    return samples;
  });
}

function makeBeep(ask: EffectAsk): Layer[] {
  const countdown = ask.words.has('countdown');
  const steady = ask.words.has('tone') || ask.words.has('sine') || ask.words.has('censor');
  const counted = countdown && ask.count === undefined ? { ...ask, count: 4 } : ask;
  const length =
    steady && ask.count === undefined && !ask.plural ? Math.max(0.2, ask.window.to - 0.1) : 0.18 / ask.pace;
  const hertz = ask.hertz ?? 1000 * ask.pitch * ask.vary(0.08);
  return struck(
    counted,
    { pause: countdown ? 1 : 0.4, length, several: 'endless', jitter: 0 },
    (_, index) => {
      const last = countdown && index === (counted.count ?? 4) - 1;
      const samples = emptyStrike(last ? 0.8 : length);
      const note = last ? hertz * 1.5 : hertz;
      addGlide(samples, {
        from: note,
        to: note,
        seconds: last ? 0.75 : length,
        level: 0.4,
        attack: 0.005,
        harmonics: steady ? [] : [0.1, 0.05],
      });
      return samples;
    },
  );
}
