/**
 * Draws `docs/images/architecture.svg` from the imports of `src`: who imports whom, and how often. Run it when a test
 * says that the picture is older than the code. Where a room stands is written here; that it is there, what is in it and
 * which arrows lead where is read.
 */
import { writeFile } from 'node:fs/promises';
import { present } from '../src/base/assert.ts';
import { LAYERS, readImports } from '../test/architecture/layers.ts';

/** The picture that the script draws. */
export const ARCHITECTURE_PICTURE = new URL('../docs/images/architecture.svg', import.meta.url);

/** What is outside every room: it sees all of them and puts them together. */
const HOUSE = 'house';

type Room = keyof typeof LAYERS | typeof HOUSE;

/** Which rooms there are, what folders they have, and how many imports lead from one to another. */
export interface HousePlan {
  readonly folders: ReadonlyMap<string, readonly string[]>;
  /** By `from>to`. */
  readonly imports: ReadonlyMap<string, number>;
}

/** Reads the plan from the code under `root`. Tests do not count, and neither do packages. */
export async function readPlan(root = 'src'): Promise<HousePlan> {
  const { modules } = await readImports(root);
  const isPart = (path: string) => path.startsWith(`${root}/`) && !path.endsWith('.test.ts');
  const folders = new Map<string, Set<string>>();
  const imports = new Map<string, number>();
  for (const { source, dependencies } of modules.filter((module) => isPart(module.source))) {
    const [first = '', second = ''] = source.slice(root.length + 1).split('/');
    const from = roomOf(first);
    const known = folders.get(from) ?? new Set();
    folders.set(from, known);
    const folder = from === HOUSE ? first : second;
    if (!folder.includes('.')) known.add(folder);
    for (const { resolved } of dependencies.filter((dependency) => isPart(dependency.resolved))) {
      const to = roomOf(resolved.slice(root.length + 1).split('/')[0] ?? '');
      if (from !== to) imports.set(`${from}>${to}`, (imports.get(`${from}>${to}`) ?? 0) + 1);
    }
  }
  return {
    folders: new Map([...folders].map(([room, names]) => [room, [...names].sort()])),
    imports: new Map([...imports].sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

function roomOf(folder: string): string {
  return Object.hasOwn(LAYERS, folder) ? folder : HOUSE;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What the room is for, line by line. */
  readonly says: readonly string[];
}

const PLACES: Readonly<Record<Room, Place>> = {
  house: {
    x: 24,
    y: 24,
    width: 912,
    height: 64,
    says: ['wires everything: reads the settings, builds the parts, mounts the dialects, listens'],
  },
  dialects: {
    x: 24,
    y: 154,
    width: 214,
    height: 128,
    says: ['what clients speak: vendors’', 'routes, words and errors'],
  },
  core: {
    x: 340,
    y: 154,
    width: 256,
    height: 236,
    says: [
      'what the server does: requests,',
      'results, decisions and ports,',
      'in words of its own, no packages',
    ],
  },
  platform: {
    x: 716,
    y: 154,
    width: 220,
    height: 138,
    says: ['the ports made real: disk,', 'network, clock, database'],
  },
  engines: {
    x: 680,
    y: 326,
    width: 212,
    height: 142,
    says: ['makes and hears media'],
  },
  conformance: {
    x: 92,
    y: 446,
    width: 170,
    height: 126,
    says: ['holds any server to', 'the contracts'],
  },
  media: {
    x: 400,
    y: 528,
    width: 420,
    height: 84,
    says: ['arithmetic on samples, pixels and text; codecs'],
  },
  base: { x: 24, y: 672, width: 912, height: 62, says: ['errors, streams, semaphores, ids'] },
};

/** Where an arrow goes straight down, or straight across, and where along it its number stands. */
type Lane = { readonly x: number; readonly at?: number } | { readonly y: number; readonly at?: number };

const LANES: Readonly<Record<string, Lane>> = {
  'house>dialects': { x: 127 },
  'house>conformance': { x: 250, at: 121 },
  'house>base': { x: 296, at: 121 },
  'house>core': { x: 468 },
  'house>media': { x: 624, at: 121 },
  'house>engines': { x: 698, at: 121 },
  'house>platform': { x: 826 },
  'dialects>core': { y: 226, at: 273 },
  'dialects>base': { x: 58 },
  'platform>core': { y: 202, at: 661 },
  'platform>base': { x: 914 },
  'engines>core': { y: 362, at: 654 },
  'engines>media': { x: 750 },
  'engines>base': { x: 856 },
  'conformance>media': { y: 562, at: 330 },
  'conformance>base': { x: 167 },
  'core>media': { x: 498 },
  'core>base': { x: 366, at: 460 },
  'media>base': { x: 610 },
};

/** The arrows that a newcomer should see first. */
const MAIN: ReadonlySet<string> = new Set([
  'dialects>core',
  'engines>core',
  'platform>core',
  'core>media',
  'engines>media',
]);

const CAPTION = [
  'Arrows say who imports from whom, and how often. A request comes in from the left: a dialect understands it, core decides, and by',
  'way of core’s ports an engine makes the media and the platform keeps it. Core knows of neither; no dialect or engine knows another.',
];

/** Light, then dark: paper, card, line, text, soft text, accent, card of the core, of dialects, engines and platform. */
const COLOURS = {
  light: {
    paper: '#f7f7f4',
    card: '#ffffff',
    line: '#c9cbd3',
    text: '#1b1d21',
    soft: '#545a66',
    accent: '#3346d3',
    core: '#e3e7ff',
    dialects: '#fff0db',
    engines: '#e0f4e6',
    platform: '#dff1f6',
  },
  dark: {
    paper: '#14161a',
    card: '#1f232b',
    line: '#474d5a',
    text: '#eceef2',
    soft: '#a9b0bd',
    accent: '#93a5ff',
    core: '#282f57',
    dialects: '#42331c',
    engines: '#1d3a28',
    platform: '#193740',
  },
};

const SIZE = { width: 960, height: 800 };

/** The picture of a plan. A room or an arrow that has no place here is an error: a person has to find it one. */
export function drawPlan(plan: HousePlan): string {
  for (const room of plan.folders.keys())
    if (!Object.hasOwn(PLACES, room)) throw new Error(`The room ${room} has no place in the picture yet.`);
  const arrows = [...plan.imports].map(([pair, count]) => drawArrow(pair, count));
  const rooms = Object.entries(PLACES).map(([room, place]) =>
    drawRoom(room, place, plan.folders.get(room) ?? []),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-labelledby="title">
<title id="title">The rooms of src and which of them import from which</title>
<style>
text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Open Sans', sans-serif; }
${styles(COLOURS.light)}
@media (prefers-color-scheme: dark) {
${styles(COLOURS.dark)}
}
</style>
<defs>${['main', 'side', 'wire'].map(arrowHead).join('')}</defs>
<rect class="paper" width="${SIZE.width}" height="${SIZE.height}" rx="14"/>
${arrows.map(({ line }) => line).join('\n')}
${rooms.join('\n')}
${arrows.map(({ label }) => label).join('\n')}
${CAPTION.map((line, index) => `<text class="soft" x="26" y="${760 + index * 19}" font-size="13.5">${line}</text>`).join('\n')}
</svg>
`;
}

function styles(colours: typeof COLOURS.light): string {
  return `.paper { fill: ${colours.paper}; }
.room, .count { fill: ${colours.card}; stroke: ${colours.line}; }
.room.core { fill: ${colours.core}; stroke: ${colours.accent}; }
.room.dialects { fill: ${colours.dialects}; }
.room.engines { fill: ${colours.engines}; }
.room.platform { fill: ${colours.platform}; }
text { fill: ${colours.text}; }
.soft { fill: ${colours.soft}; }
.arrow { fill: none; stroke: ${colours.soft}; stroke-width: 1.4; }
.arrow.main { stroke: ${colours.accent}; stroke-width: 3; }
.arrow.wire { stroke-dasharray: 3 4; }
.head { fill: ${colours.soft}; }
.head.main { fill: ${colours.accent}; }`;
}

function arrowHead(kind: string): string {
  const size = kind === 'main' ? 13 : 9;
  return `<marker id="${kind}" markerUnits="userSpaceOnUse" markerWidth="${size}" markerHeight="${size}" viewBox="0 0 10 10" refX="9" refY="5" orient="auto"><path class="head ${kind}" d="M0 0 10 5 0 10z"/></marker>`;
}

function drawRoom(room: string, { x, y, width, height, says }: Place, folders: readonly string[]): string {
  const text = (words: string, line: number, style: string) =>
    `<text x="${x + 14}" y="${y + 26 + line}" ${style}>${words}</text>`;
  const title =
    room === HOUSE ? `src itself: main.ts, assembly.ts, app.ts, …, ${folders.join(', ')}` : `src/${room}`;
  const listed = room === HOUSE ? [] : wrapped(folders, width - 28);
  return [
    `<g><rect class="room ${room}" x="${x}" y="${y}" width="${width}" height="${height}" rx="10"/>`,
    text(title, 0, 'font-size="16" font-weight="700"'),
    ...says.map((line, index) => text(line, 21 + index * 17, 'class="soft" font-size="13.5"')),
    ...listed.map((line, index) => text(line, 21 + says.length * 17 + 8 + index * 18, 'font-size="13.5"')),
    '</g>',
  ].join('\n');
}

/** Names in lines that fit, whichever system font there is. */
function wrapped(names: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    const longer = last === undefined ? name : `${last}, ${name}`;
    if (last !== undefined && longer.length * 7 <= width) lines[lines.length - 1] = longer;
    else lines.push(name);
  }
  return lines;
}

function drawArrow(pair: string, count: number): { readonly line: string; readonly label: string } {
  const lane = LANES[pair];
  if (!lane) throw new Error(`There is no way for an arrow ${pair} in the picture yet.`);
  const [from = '', to = ''] = pair.split('>');
  const kind = MAIN.has(pair) ? 'main' : from === HOUSE ? 'wire' : 'side';
  const { start, end, label } = pointsOf(placeOf(from), placeOf(to), lane);
  const width = 14 + String(count).length * 8;
  return {
    line: `<path class="arrow ${kind}" marker-end="url(#${kind})" d="M${start.join(' ')} ${end.join(' ')}"/>`,
    label: `<g><title>${from} imports from ${to} ${count} times</title><rect class="count" x="${label[0] - width / 2}" y="${label[1] - 10}" width="${width}" height="20" rx="10"/><text x="${label[0]}" y="${label[1] + 4.5}" font-size="13" text-anchor="middle">${count}</text></g>`,
  };
}

function placeOf(room: string): Place {
  // Whoever draws has seen that every room has its place.
  return present(Object.entries(PLACES).find(([one]) => one === room)?.[1], room);
}

type Point = readonly [number, number];

function pointsOf(
  from: Place,
  to: Place,
  lane: Lane,
): { readonly start: Point; readonly end: Point; readonly label: Point } {
  if ('x' in lane) {
    const start = from.y + from.height;
    return { start: [lane.x, start], end: [lane.x, to.y], label: [lane.x, lane.at ?? (start + to.y) / 2] };
  }
  const isRightward = from.x < to.x;
  const start = isRightward ? from.x + from.width : from.x;
  const end = isRightward ? to.x : to.x + to.width;
  return { start: [start, lane.y], end: [end, lane.y], label: [lane.at ?? (start + end) / 2, lane.y] };
}

if (import.meta.main) await writeFile(ARCHITECTURE_PICTURE, drawPlan(await readPlan()));
