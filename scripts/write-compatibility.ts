/**
 * Writes `docs/compatibility.md` from the table of capabilities that a running server publishes, once for each kind of
 * engine that may be installed, and from the paths that it serves. Run it after a parameter, a path or what an engine
 * obeys has changed.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { present } from '../src/base/assert.ts';
import type { Core } from '../src/core/core.ts';
import type { Engine } from '../src/core/engine.ts';
import type { SoundCapability } from '../src/core/sound/sound-capabilities.ts';
import type { SpeechCapability } from '../src/core/speech/speech-capabilities.ts';
import type {
  HearingParameterFate,
  TranscriptionCapability,
} from '../src/core/transcription/transcription-capabilities.ts';
import { acceptForms } from '../src/dialects/accept-forms.ts';
import { dialectPlugin } from '../src/dialects/dialect-plugin.ts';
import type { Dialect } from '../src/dialects/dialect.ts';
import { dialects } from '../src/dialects/index.ts';
import { acceptWebSockets } from '../src/dialects/web-sockets.ts';
import { engineEntries } from '../src/engines/index.ts';
import { layoutOutlines } from '../test/sherpa-outlines.ts';
import { fill, onnxOutline, sourceOf, weightsIn } from '../test/sherpa-support.ts';
import { ABOUT, HEARING, PAINTING, SOUNDING, SPEAKING, type Installation } from './compared-installations.ts';
import { testApp } from '../test/support.ts';

/** The page that the script writes. */
export const COMPATIBILITY_PAGE = new URL('../docs/compatibility.md', import.meta.url);

type Fates = Readonly<Record<string, HearingParameterFate>>;
type Row = Pick<SpeechCapability | TranscriptionCapability, 'model' | 'dialect'> & {
  readonly parameters: Fates;
  /** For those who make sounds and music in one table. */
  readonly capability?: SoundCapability['capability'];
};
interface Tables {
  readonly speech: readonly Row[];
  readonly transcription: readonly Row[];
  readonly sound: readonly Row[];
  readonly image: readonly Row[];
  readonly video: readonly Row[];
}

const INTRODUCTION = `# Compatibility

What becomes of every parameter of speech, hearing, sound, music, pictures and films in each dialect, by the engine that serves. Made by
\`scripts/write-compatibility.ts\` from the table that the server publishes at \`GET /antiphon/v1/capabilities\`; a test
fails when this page is older than the server. What your own installation does, ask there.

- **honoured**: it takes effect as asked. With a range: in the range.
- **adjusted**: something that comes near it is done, and the header \`x-antiphon-warnings\` says what. "moved" after
  a range: a value outside counts as the nearest end.
- **ignored**: it is taken and has no effect here, and the header says so.
- **refused**: the request is turned down. So are values outside a range after which "refused" stands.

Under strict mode (\`x-antiphon-strict: true\`) whatever would be adjusted or ignored is refused. Text, recording, model,
voice and format are not listed: every path honours them, or refuses the request.
`;

/** The whole page. Throws where an engine is not installed on this machine. */
export async function compatibilityPage(): Promise<string> {
  const speaking = await rowsOf(SPEAKING, 'speech');
  const hearing = await rowsOf(HEARING, 'transcription');
  const sounding = await rowsOf(SOUNDING, 'sound');
  const painting = await rowsOf(PAINTING, 'image');
  const filming = await rowsOf(PAINTING, 'video');
  const sections: string[] = [];
  for (const dialect of dialects) {
    const paths = await pathsOf(dialect);
    const about = ABOUT[dialect.id];
    const written = [
      parameterSection('Speech', about?.speech, speaking),
      parameterSection('Hearing', about?.transcription, hearing),
      parameterSection('Pictures', about?.image, painting),
      parameterSection('Films', about?.video, filming),
      ...(['sound', 'music'] as const).flatMap((capability) =>
        groupsOf(sounding, { dialect, capability }).map(({ title, columns }) =>
          parameterSection(title, about?.[capability], columns),
        ),
      ),
    ].flatMap((write) => write(dialect, paths) ?? []);
    sections.push([`## ${dialect.title}`, ...written, pathSection(dialect, paths)].join('\n\n'));
  }
  return `${INTRODUCTION}\n${sections.join('\n\n')}\n`;
}

interface Column {
  readonly title: string;
  readonly rows: readonly Row[];
}

async function rowsOf(
  installations: readonly Installation[],
  capability: keyof Tables,
): Promise<readonly Column[]> {
  const columns: Column[] = [];
  for (const installation of installations) {
    columns.push({ title: installation.title, rows: (await publishedTables(installation))[capability] });
  }
  return columns;
}

async function publishedTables({ title, engines: wanted, weights = [] }: Installation): Promise<Tables> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-compatibility-'));
  const layouts = { ...layoutOutlines(), speakers: { 'speakers.onnx': speakerOutline() } };
  try {
    const installed = await Promise.all(
      weights.map(async ({ layout, ...facts }) => {
        const own = await mkdtemp(join(folder, 'weights-'));
        const outline = Object.entries(layouts).find(([name]) => name === layout)?.[1];
        if (outline) fill(own, outline);
        return weightsIn(own, { ...facts, files: await readdir(own) });
      }),
    );
    const engines: Engine[] = [];
    for (const id of wanted) {
      const entry = present(
        engineEntries.find((one) => one.id === id),
        `the engine ${id}`,
      );
      const engine = await (await entry.load()).create({ workers: 1, weights: sourceOf(installed) });
      if ('unavailable' in engine) throw new Error(`${title}: ${engine.unavailable}`);
      engines.push(engine);
    }
    return await ask(engines);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function speakerOutline(): Buffer {
  return onnxOutline({ framework: 'wespeaker', sample_rate: 16_000, output_dim: 256 });
}

async function ask(engines: readonly Engine[]): Promise<Tables> {
  const { app } = await testApp({ engines });
  try {
    return (await app.inject('/antiphon/v1/capabilities')).json<Tables>();
  } finally {
    await app.close();
    await Promise.all(engines.map(async (engine) => engine.stop?.()));
  }
}

/** The paths of a dialect under its own prefix, without it. */
async function pathsOf(dialect: Dialect): Promise<readonly string[]> {
  const { app: whole, core } = await testApp();
  const app = fastify();
  const paths = new Set<string>();
  const prefix = dialect.mounts.at(-1) ?? '';
  try {
    await acceptForms(app, core);
    await acceptWebSockets(app, core, {
      isAllowed: async () => true,
      take: () => () => undefined,
    });
    app.addHook('onRoute', ({ method, url, websocket, wsHandler }) => {
      const path = url.slice(prefix.length) || '/';
      for (const verb of [method].flat()) {
        if (verb === 'HEAD' || verb === 'OPTIONS') continue;
        paths.add(`${(websocket ?? wsHandler) ? 'SOCKET' : verb} ${path}`);
      }
    });
    await mountDialect(app, { dialect, core, prefix });
  } finally {
    await app.close();
    await whole.close();
  }
  return [...paths].toSorted((a, b) => pathIn(a).localeCompare(pathIn(b), 'en') || a.localeCompare(b, 'en'));
}

async function mountDialect(
  app: ReturnType<typeof fastify>,
  { dialect, core, prefix }: { readonly dialect: Dialect; readonly core: Core; readonly prefix: string },
): Promise<void> {
  await app.register(dialectPlugin(dialect, core), { prefix, shared: false });
  await app.ready();
}

function pathIn(route: string): string {
  return route.slice(route.indexOf(' ') + 1);
}

/** Tables with a heading of their own. */
interface Group {
  readonly title: string;
  readonly columns: readonly Column[];
}

const SOUND_TITLES = { sound: 'Sound effects', music: 'Music' } as const;

/** Models of sound have parameters of their own: those with the same ones share a table. */
function groupsOf(
  columns: readonly Column[],
  { dialect, capability }: { readonly dialect: Dialect; readonly capability: 'sound' | 'music' },
): readonly Group[] {
  const own = columns.flatMap(({ rows }) =>
    rows.filter((row) => row.dialect === dialect.id && row.capability === capability),
  );
  const spellings = new Map<string, string[]>();
  for (const { model, parameters } of own) {
    const key = Object.keys(parameters).join(' ');
    const models = spellings.get(key) ?? [];
    if (!models.includes(model)) spellings.set(key, [...models, model]);
  }
  return [...spellings.values()].map((models) => ({
    title: `${SOUND_TITLES[capability]}: ${models.map((model) => `\`${model}\``).join(', ')}`,
    columns: columns.map(({ title, rows }) => ({
      title,
      rows: rows.filter(({ model }) => models.includes(model)),
    })),
  }));
}

function parameterSection(
  title: string,
  about: readonly string[] | undefined,
  installations: readonly Column[],
) {
  return (dialect: Dialect, paths: readonly string[]): string | undefined => {
    if (!about) return undefined;
    for (const path of about) {
      if (!paths.includes(path)) throw new Error(`${dialect.title} has no ${path}.`);
    }
    const columns = installations.map((column) => ({ title: column.title, fates: fatesOf(column, dialect) }));
    const parameters = [...new Set(columns.flatMap(({ fates }) => Object.keys(fates)))];
    const rows = parameters.map((parameter) => [
      `\`${parameter}\``,
      ...columns.map(({ fates }) => wordFate(fates[parameter])),
    ]);
    const table = markdownTable(['parameter', ...columns.map((column) => column.title)], rows);
    return [`### ${title}`, about.map((path) => `\`${path}\``).join(', '), table].join('\n\n');
  };
}

/** All models of a dialect have the same parameters where the same engine serves them. */
function fatesOf({ title, rows }: Column, { id }: Dialect): Fates {
  const own = rows.filter((row) => row.dialect === id);
  const [first, ...others] = own.map(({ parameters }) => JSON.stringify(parameters));
  if (first === undefined) throw new Error(`${title} serves no model of ${id}.`);
  if (others.some((other) => other !== first)) throw new Error(`The models of ${id} differ with ${title}.`);
  return own[0]?.parameters ?? {};
}

function wordFate(fate: HearingParameterFate | undefined): string {
  if (!fate) return '–';
  const { minimum, maximum, outside } = fate;
  if (minimum === undefined || maximum === undefined) return fate.fate;
  return `${fate.fate} ${minimum} to ${maximum}, ${outside === 'adjusted' ? 'moved' : 'refused'}`;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function pathSection(dialect: Dialect, paths: readonly string[]): string {
  const prefixes = dialect.mounts.map((one) => `\`${one || '/'}\``).join(', ');
  return [
    '### Every path',
    `Under ${prefixes}:`,
    paths.map((path) => `- \`${path.replaceAll(/:(\w+)/g, '{$1}')}\``).join('\n'),
  ].join('\n\n');
}

if (import.meta.main) await writeFile(COMPATIBILITY_PAGE, await compatibilityPage());
