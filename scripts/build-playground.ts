import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  mkdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** Where the sources of the pages are; what is built stands in the folder `dist` there. */
const WEB = fileURLToPath(new URL('../web/', import.meta.url));

/** Parts of an earlier build stay for as long as this, for pages that somebody still has open. */
const KEPT_MS = 60 * 60 * 1000;

/** Builds the playground unless what is there is as new as its sources. Says whether it did. */
export async function buildPlaygroundIfStale(web = WEB): Promise<boolean> {
  if (!isStale(web)) return false;
  await buildPlayground(web);
  return true;
}

/**
 * Builds the playground beside the one that is there and then puts it in its place, so that a server that runs
 * meanwhile has a whole one at any time.
 */
export async function buildPlayground(web = WEB): Promise<void> {
  const dist = join(web, 'dist');
  // Files tell their time more exactly than a clock of milliseconds does.
  const begun = new Date(Date.now() + 1);
  const { build } = await import('vite');
  const outDir = mkdtempSync(join(web, 'dist-'));
  try {
    await build({
      configFile: join(web, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir, emptyOutDir: false },
    });
    compressParts(join(outDir, 'assets'));
    mkdirSync(join(dist, 'assets'), { recursive: true });
    cpSync(join(outDir, 'assets'), join(dist, 'assets'), { recursive: true });
    utimesSync(join(outDir, 'index.html'), begun, begun);
    renameSync(join(outDir, 'index.html'), join(dist, 'index.html'));
    removeFormerParts(join(dist, 'assets'), new Set(readdirSync(join(outDir, 'assets'))));
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

/** Beside each part, what is sent instead to browsers that unpack: their names never change, so it is done once. */
function compressParts(assets: string): void {
  for (const name of readdirSync(assets)) {
    const file = join(assets, name);
    const bytes = readFileSync(file);
    for (const [ending, packed] of [
      ['gz', gzipSync(bytes, { level: 9 })],
      ['br', brotliCompressSync(bytes)],
    ] as const)
      if (packed.length < bytes.length) writeFileSync(`${file}.${ending}`, packed);
  }
}

function removeFormerParts(assets: string, current: ReadonlySet<string>): void {
  const oldest = Date.now() - KEPT_MS;
  for (const name of readdirSync(assets)) {
    const file = join(assets, name);
    const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: Number.POSITIVE_INFINITY };
    if (!current.has(name) && mtimeMs < oldest) rmSync(file, { force: true });
  }
}

/** Whether there is no build, or one that began before a source was last changed. */
function isStale(web: string): boolean {
  const page = join(web, 'dist', 'index.html');
  if (!existsSync(page)) return true;
  const builtMs = statSync(page).mtimeMs;
  const sources = readdirSync(join(web, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(web, 'src', name),
  );
  const others = ['index.html', 'vite.config.ts', '../package-lock.json'].map((name) => join(web, name));
  return [...sources, ...others].some(
    (file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > builtMs,
  );
}

/** Before the server starts nothing but a note is lost when there is no playground: the APIs are there without it. */
async function buildBeforeStart(): Promise<void> {
  try {
    if (await buildPlaygroundIfStale()) console.log('The playground has been built.');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`The playground could not be built, so the server starts as it is: ${reason}`);
  }
}

if (import.meta.main) {
  if (process.argv.includes('--if-needed')) await buildBeforeStart();
  else await buildPlayground();
}
