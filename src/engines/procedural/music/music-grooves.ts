import type { GrooveName } from './music-style.ts';
import type { DrumPiece } from './music-terms.ts';

/**
 * What a piece of the kit plays in a bar of four beats, a sign for each sixteenth: `X` hard, `x`, `o` soft, `-` hardly,
 * `?` now and then, `r` a roll, `.` nothing. The first is for quiet sections, the second for full ones.
 */
export type Groove = Readonly<Partial<Record<DrumPiece, readonly [string, string]>>>;

/** What the drums of each groove play. */
export const GROOVES: Readonly<Record<GrooveName, Groove>> = {
  lazy: {
    kick: ['X.....?...x.....', 'X.....x.?.xx..?.'],
    snare: ['....x.......x...', '....X..-....X..-'],
    hat: ['x...o...x...o...', 'x.o.x.o.x.o.x.oo'],
    'open hat': ['................', '..............?.'],
    crackle: ['?..?...?.?....?.', '?..?...?.?....?.'],
  },
  'four on the floor': {
    kick: ['X...x...X...x...', 'X...X...X...X...'],
    clap: ['................', '....X.......X...'],
    hat: ['..o...o...o...o.', 'o.-ooo-.o.-ooo-o'],
    'open hat': ['................', '..x...x...x...x.'],
    shaker: ['o-o-o-o-o-o-o-o-', 'o-x-o-x-o-x-o-x-'],
  },
  'driving techno': {
    kick: ['X...X...X...X...', 'X...X...X...X...'],
    clap: ['................', '....o.......x...'],
    hat: ['..o...o...o...o.', '-.x--.x--.x--.x-'],
    'open hat': ['................', '..o...x...o...x.'],
    rim: ['.......o..o.....', '...o..o....o..o.'],
    'low tom': ['................', '......?...o..?..'],
  },
  breakbeat: {
    kick: ['X.........x.....', 'X.x.......x..?..'],
    snare: ['....X.......X...', '....X..-.-..X..-'],
    hat: ['x.x.x.x.x.x.x.x.', 'x.xox.xox.xox.xo'],
    ride: ['................', '..o...o...o...o.'],
    shaker: ['................', 'o-o-o-o-o-o-o-o-'],
  },
  'half time': {
    kick: ['X...............', 'X.....x...?x....'],
    snare: ['........X.......', '........X.......'],
    clap: ['................', '........x.......'],
    hat: ['x...o...x...o...', 'x.o.x.oox.o.x.rr'],
  },
  'boom bap': {
    kick: ['X.........x.....', 'X..x...?..xx....'],
    snare: ['....X.......X...', '....X..-....X-.-'],
    hat: ['x...x...x...x...', 'x.o.x.o.x.o.x.o.'],
    'open hat': ['................', '..............?.'],
  },
  trap: {
    kick: ['X...............', 'X.....x...x..?..'],
    clap: ['........X.......', '........X.......'],
    hat: ['x...x...x...x...', 'x.x.xrx.x.x.rrx.'],
    'open hat': ['................', '......?.......o.'],
    rim: ['................', '...?.......?....'],
  },
  rock: {
    kick: ['X.......x.......', 'X.....x.X.?.....'],
    snare: ['....x.......x...', '....X.......X..-'],
    hat: ['x...o...x...o...', 'X.o.x.o.X.o.x.o.'],
    crash: ['................', '................'],
  },
  metal: {
    kick: ['X...x...X...x...', 'XxxxXxxxXxxxXxxx'],
    snare: ['....X.......X...', '....X.......X...'],
    hat: ['x...x...x...x...', '................'],
    crash: ['................', 'x...x...x...x...'],
  },
  punk: {
    kick: ['X.......X.......', 'X...x...X.x.x...'],
    snare: ['....X.......X...', '..X...X...X...X.'],
    hat: ['x.x.x.x.x.x.x.x.', 'X.x.X.x.X.x.X.x.'],
  },
  funk: {
    kick: ['X.........x.....', 'X..x..x...x..?..'],
    snare: ['....x.......x...', '....X..-.-..X..-'],
    hat: ['x.x.x.x.x.x.x.x.', 'xoxoxoxoxoxoxoxo'],
    'open hat': ['................', '..............x.'],
    tambourine: ['................', '....o.......o...'],
  },
  shuffle: {
    kick: ['X.......x.......', 'X.....?.x.....?.'],
    snare: ['....x.......x...', '....X.......X...'],
    ride: ['x.o.x.o.x.o.x.o.', 'x.o.x.o.x.o.x.o.'],
    hat: ['....o.......o...', '....o.......o...'],
  },
  reggae: {
    kick: ['........X.......', '........X.......'],
    rim: ['........x.......', '........X....?..'],
    hat: ['x...o...x...o...', 'x.o.x.o.x.o.x.ox'],
    'open hat': ['................', '..............?.'],
    conga: ['................', '...?..o....?..o.'],
  },
  swing: {
    ride: ['x...x...x...x...', 'x...x.o.x...x.o.'],
    hat: ['....x.......x...', '....x.......x...'],
    kick: ['o...........?...', 'o...-...o...-...'],
    snare: ['......?.......?.', '..?...o...?..-o.'],
  },
  bossa: {
    kick: ['x.....x.x.....x.', 'x.....ox......ox'],
    rim: ['x.....x.....x...', 'x..x..x...x..x..'],
    hat: ['o.o.o.o.o.o.o.o.', 'o-o-o-o-o-o-o-o-'],
    shaker: ['................', 'o-x-o-x-o-x-o-x-'],
  },
  latin: {
    kick: ['x.......x.......', 'x.....x.x.....x.'],
    rim: ['x..x...x..x.x...', 'x..x...x..x.x...'],
    conga: ['o...x...o...x.x.', 'o-x-o-xxo-x-o-xx'],
    shaker: ['x-o-x-o-x-o-x-o-', 'x-o-x-o-x-o-x-o-'],
    ride: ['................', 'x...o.o.x...o.o.'],
  },
  train: {
    kick: ['x.......x.......', 'X...x...X...x...'],
    snare: ['..o...o...o...o.', '-o-x-o-x-o-x-o-x'],
    hat: ['....o.......o...', '....o.......o...'],
  },
  cinematic: {
    'big drum': ['X...............', 'X.....x.X..x..x.'],
    'low tom': ['................', 'x.oox.oox.oox.xx'],
    snare: ['................', '............-ooo'],
    crash: ['................', '................'],
    shaker: ['o.o.o.o.o.o.o.o.', 'xoxoxoxoxoxoxoxo'],
  },
  march: {
    'big drum': ['x...x...x...x...', 'X...x...X...x...'],
    snare: ['x...x...x.x.x...', 'x.ooX.oox.ooXroo'],
    crash: ['................', 'o.......o.......'],
  },
  gated: {
    kick: ['X.......X.......', 'X.....?.X.x.....'],
    snare: ['....x.......x...', '....X.......X...'],
    hat: ['x...o...x...o...', 'x.o.x.o.x.o.x.oo'],
    tambourine: ['................', '..o...o...o...o.'],
    'high tom': ['................', '..............?.'],
  },
  chip: {
    kick: ['X.......x.......', 'X.....x.X.......'],
    snare: ['....x.......x...', '....X.......X..o'],
    hat: ['x...x...x...x...', 'x.x.x.x.x.x.x.xx'],
  },
  light: {
    'big drum': ['................', 'o...............'],
    shaker: ['o...-...o...-...', 'x-o-x-o-x-o-x-o-'],
    tambourine: ['................', '....o.......o...'],
    kick: ['................', 'o.......o.......'],
  },
};
