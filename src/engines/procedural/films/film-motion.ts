/** How the camera and the light move, from one moment of a film to another. */
export interface MotionPhase {
  /** Where the camera looks at the end against the beginning: -1 is as far left or up as the picture goes. */
  readonly panX: number;
  readonly panY: number;
  /** How much nearer it is at the end, 1 = as near. */
  readonly zoom: number;
  /** Degrees by which it has turned clockwise. */
  readonly turn: number;
  /** How far it swings around what it looks at. */
  readonly orbit: number;
  /** How much it trembles. */
  readonly shake: number;
}

/** All that moves in a film. */
export interface FilmMotion {
  readonly phases: readonly MotionPhase[];
  readonly fadeIn: boolean;
  readonly fadeOut: boolean;
  /** Towards the night, or from it. */
  readonly nightfall: -1 | 0 | 1;
  readonly falling?: 'snow' | 'rain';
  /** Whether the prompt says anything about it. */
  readonly named: boolean;
}

/** Where the camera is at one moment. */
export interface Camera {
  /** -1 to 1: of the way to the edge that there is. */
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly degrees: number;
  /** Sideways movement that only what is near makes, -1 to 1. */
  readonly swing: number;
  readonly shake: number;
}

const STILL: MotionPhase = { panX: 0, panY: 0, zoom: 1, turn: 0, orbit: 0, shake: 0 };
/** Where nothing is said: slowly nearer, and a little aside. */
const USUAL: MotionPhase = { ...STILL, panX: 0.25, zoom: 1.14 };

const MOVE =
  '(?:pan|pans|panning|move|moves|moving|slide|slides|sliding|track|tracks|tracking|drift|drifts|drifting|camera|scroll|scrolls|scrolling|fly|flies|flying|pull|truck|tilt|tilts|tilting|sweep|sweeps|sweeping)';

/** Reads what a prompt says about movement; what comes after "then" happens afterwards. */
export function readMotion(prompt: string): FilmMotion {
  const text = prompt.toLowerCase();
  const parts = text.split(/\b(?:and then|then|followed by|afterwards)\b/);
  const moving = parts.map(readPhase).filter((phase) => phase !== undefined);
  const named = moving.length > 0;
  const falling =
    /\b(?:snow(?![- ]?(?:capped|covered|man|men))|snowing|snowfall|blizzard|snowflakes?)\b/.test(text)
      ? 'snow'
      : /\b(?:rain|raining|rainy|storm|downpour|drizzle)\b/.test(text)
        ? 'rain'
        : undefined;
  const nightfall =
    /\bday (?:in)?to night\b|\bnight falls\b|\bgetting dark\b|\bnightfall\b|\bday turns (?:in)?to night\b/.test(
      text,
    )
      ? 1
      : /\bnight (?:in)?to day\b|\bday breaks\b|\bgetting light\b/.test(text)
        ? -1
        : 0;
  const fadeIn = /\bfad(?:e|es|ing)[- ]in\b|\bfrom black\b|\bfade in and out\b/.test(text);
  const fadeOut = /\bfad(?:e|es|ing)[- ](?:out|to black)\b|\bfade in and out\b|\bto black\b/.test(text);
  return {
    phases: named ? moving : [USUAL],
    fadeIn,
    fadeOut,
    nightfall,
    ...(falling ? { falling } : {}),
    named: named || fadeIn || fadeOut || nightfall !== 0,
  };
}

function readPhase(text: string): MotionPhase | undefined {
  const says = (pattern: string) => new RegExp(`\\b${pattern}`).test(text);
  if (
    says(
      '(?:static|fixed camera|fixed shot|locked[- ]off|tripod|motionless|no (?:camera )?(?:motion|movement))\\b',
    )
  )
    return STILL;
  const strength = strengthOf(says);
  const phase: MotionPhase = {
    panX: limited(Number(goesTo('right', says)) - Number(goesTo('left', says)), strength),
    panY: limited(Number(goesTo('down', says)) - Number(goesTo('up', says)), strength),
    zoom: (1 + 0.4 * strength) ** zoomOf(says),
    turn: says(TURNING) ? 14 * strength * (says('(?:counter|anti|left)') ? -1 : 1) : 0,
    orbit: says(ORBITING) ? strength : 0,
    shake: says(SHAKING) ? strength : 0,
  };
  return isStill(phase) ? undefined : phase;
}

type Says = (pattern: string) => boolean;

const TURNING = '(?:rotat(?:e|es|ing|ion)|spin(?:s|ning)?|roll(?:s|ing)?)\\b';
const ORBITING = '(?:orbit(?:s|ing)?|parallax|around|arc shot|circl(?:e|es|ing))\\b';
const SHAKING = '(?:shak(?:e|es|y|ing)|handheld|hand-held|tremble|earthquake)\\b';
const NEARER =
  '(?:zoom(?:s|ing)?[- ]?in|zoom(?:s|ing)? (?:on|to|into)|dolly[- ]?in|push(?:es|ing)?[- ]in|move(?:s)? (?:closer|in)|closer)\\b';
const AWAY = '(?:zoom(?:s|ing)?[- ]?out|dolly[- ]?out|pull(?:s|ing)?[- ](?:out|back)|move(?:s)? away)\\b';

function goesTo(way: string, says: Says): boolean {
  return (
    says(`${MOVE}\\b(?: [a-z]+){0,3}? ${way}\\b`) || says(`${way}(?:wards?)? (?:pan|tilt|tracking|slide)\\b`)
  );
}

function zoomOf(says: Says): -1 | 0 | 1 {
  if (says(NEARER)) return 1;
  return says(AWAY) ? -1 : 0;
}

function strengthOf(says: Says): number {
  if (says('(?:slow|slowly|gentle|gently|subtle|slight|slightly|soft)\\b')) return 0.6;
  return says('(?:fast|quick|quickly|rapid|rapidly|dramatic|strong)\\b') ? 1.4 : 1;
}

function limited(direction: number, strength: number): number {
  return direction * Math.min(1, strength);
}

function isStill(phase: MotionPhase): boolean {
  return (
    phase.panX === 0 &&
    phase.panY === 0 &&
    phase.zoom === 1 &&
    phase.turn === 0 &&
    phase.orbit === 0 &&
    phase.shake === 0
  );
}

/** Slow at both ends. */
export function ease(share: number): number {
  const at = Math.min(1, Math.max(0, share));
  return at * at * (3 - 2 * at);
}

/**
 * Where the camera is, `at` 0 to 1. `beginsAtRest` is for a picture that is to be seen as it is first: the way of a pan
 * then leads from its middle to its edge, otherwise from one edge to the other.
 */
export function cameraAt({ phases }: FilmMotion, at: number, beginsAtRest: boolean): Camera {
  let camera: Camera = { x: 0, y: 0, scale: leastScale(phases), degrees: 0, swing: 0, shake: 0 };
  phases.forEach((phase, index) => {
    const local = at * phases.length - index;
    const done = ease(local);
    const way = (direction: number) =>
      beginsAtRest || phases.length > 1 ? direction * done : direction * (2 * done - 1);
    camera = {
      x: camera.x + way(phase.panX),
      y: camera.y + way(phase.panY),
      scale: camera.scale * phase.zoom ** done,
      degrees: camera.degrees + phase.turn * done,
      swing: camera.swing + phase.orbit * Math.sin(done * Math.PI * 2),
      shake: local >= 0 && local <= 1 ? phase.shake : camera.shake,
    };
  });
  return { ...camera, x: Math.min(1, Math.max(-1, camera.x)), y: Math.min(1, Math.max(-1, camera.y)) };
}

/** How near one must begin so that moving away never shows more than there is. */
function leastScale(phases: readonly MotionPhase[]): number {
  let scale = 1;
  let least = 1;
  for (const { zoom } of phases) {
    scale *= zoom;
    least = Math.min(least, scale);
  }
  return 1 / least;
}
