import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { buildPlaygroundIfStale } from '../../scripts/build-playground.ts';
import { assemble } from '../../src/assembly.ts';
import type { Core } from '../../src/core/core.ts';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { testApp, type TestAppOptions } from '../support.ts';
import { launchBrowser, noBrowser } from './chromium.ts';

export { noBrowser };

/** Where pictures of the pages go when the environment asks for them. */
const PICTURES = join(import.meta.dirname, '../../docs/images/playground');

export interface VisitOptions {
  /** The page to begin with; the first one when absent. */
  readonly page?: string;
  /** The server of the tests, on tones unless told. */
  readonly server?: TestAppOptions;
  /** The program itself instead, with these settings and a data folder of its own. */
  readonly program?: Readonly<Record<string, unknown>>;
  /** What the browser is given as the key of the server. */
  readonly key?: string;
  /** A WAV file that the microphone hears, over and over. */
  readonly microphone?: string;
  readonly width?: number;
}

/** Somebody who looks at the playground. */
export interface Visit {
  readonly page: Page;
  /** For whoever wants to come a second time, as a stranger. */
  readonly browser: Browser;
  readonly origin: string;
  readonly core: Core;
  /** Shows another page of the menu. */
  readonly goTo: (id: string) => Promise<void>;
  /** Says that the browser will complain of something, once or more, and that this is right. */
  readonly expectComplaint: (pattern: RegExp) => void;
  /** Keeps what is seen as `docs/images/playground/NAME-light.png` and `-dark.png`, when `SCREENSHOTS` is set. */
  readonly picture: (name: string) => Promise<void>;
}

/**
 * Opens the playground of a server on loopback in a real browser. Afterwards it fails when the page threw anything, the
 * console showed an error, the page's policy was violated, or anything was asked for elsewhere.
 */
export async function visiting(options: VisitOptions, use: (visit: Visit) => Promise<void>): Promise<void> {
  await buildPlaygroundIfStale();
  const server = await start(options);
  const { origin } = server;
  const browser = await browserWith(options.microphone);
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write', 'microphone'],
    acceptDownloads: true,
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const complaints = listenForComplaints(page, origin);
    if (options.key !== undefined) {
      await page.addInitScript((key) => localStorage.setItem('antiphon-key', key), options.key);
    }
    await page.goto(`${origin}/#/${options.page ?? ''}`);
    await page.locator('main h1').waitFor();
    const expected: RegExp[] = [];
    await use({
      page,
      browser,
      origin,
      core: server.core,
      goTo: async (id) => {
        await page.locator(`nav a[href="#/${id}"]`).click();
        await page.locator('main h1').waitFor();
      },
      expectComplaint: (pattern) => void expected.push(pattern),
      picture: (name) => takePictures(page, name),
    });
    const unexpected = complaints.filter((complaint) => !expected.some((pattern) => pattern.test(complaint)));
    assert.deepEqual(unexpected, [], 'what the browser complained of');
  } finally {
    await context.close();
    await server.stop();
  }
}

/** Holds a page to what screen readers, keyboards and eyes need: by axe in light and dark, and no sideways scrolling at 360 pixels. */
export async function accessible(page: Page): Promise<void> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(`${axeSource()}; undefined`);
  const problems: string[] = [];
  for (const [colorScheme, options] of Object.entries(AXE_RUNS)) {
    await page.emulateMedia({
      colorScheme: colorScheme === 'dark' ? 'dark' : 'light',
      reducedMotion: 'reduce',
    });
    const found = await page.evaluate(async (asked) => {
      // Set by the script that was run above.
      const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeReport> } };
      return (await axe.run(asked)).violations.map(({ id, help, nodes }) => ({
        id,
        help,
        at: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`),
      }));
    }, options);
    problems.push(...found.map(({ id, help, at }) => `${colorScheme}: ${id}: ${help}\n  ${at.join('\n  ')}`));
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  const usual = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  const tooWide = await page.evaluate(() => {
    // Lays the page out anew at its new width before it is measured.
    const { scrollWidth, clientWidth } = (globalThis as unknown as { document: PageDocument }).document
      .documentElement;
    return scrollWidth - clientWidth;
  });
  if (tooWide > 0) problems.push(`at 360 pixels the page scrolls sideways by ${tooWide}`);
  if (usual) await page.setViewportSize(usual);
  assert.deepEqual(problems, []);
}

/** In the dark only the colours are others. */
const AXE_RUNS = {
  light: { preload: false, resultTypes: ['violations'] },
  dark: { preload: false, resultTypes: ['violations'], runOnly: ['color-contrast'] },
};

/** The tests know no browser's types: this is as much as they read. */
interface PageDocument {
  readonly documentElement: { readonly scrollWidth: number; readonly clientWidth: number };
}

interface AxeReport {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

let axeText: string | undefined;

function axeSource(): string {
  axeText ??= readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  return axeText;
}

interface Started {
  readonly origin: string;
  readonly core: Core;
  stop(): Promise<unknown>;
}

async function start({ server, program }: VisitOptions): Promise<Started> {
  if (program === undefined) {
    const { app, core } = await testApp(server);
    return { origin: await listen(app), core, stop: () => app.close() };
  }
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-playground-'));
  const config = loadConfig({ commandLine: { dataDir: folder, ...program }, environment: {}, file: '' });
  const assembly = await assemble(config, { log: silentLogger, environment: {}, serves: true });
  const app = await assembly.app(() => 0);
  return {
    origin: await listen(app),
    core: assembly.core,
    stop: async () => {
      await app.close();
      await assembly.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listen(app: FastifyInstance): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  return `http://127.0.0.1:${port}`;
}

function listenForComplaints(page: Page, origin: string): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error')
      complaints.push(`console: ${message.text()} (${message.location().url.replace(origin, '')})`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !/^(blob|data):/.test(url)) complaints.push(`elsewhere: ${url}`);
  });
  return complaints;
}

async function takePictures(page: Page, name: string): Promise<void> {
  if (!process.env['SCREENSHOTS']) return;
  mkdirSync(PICTURES, { recursive: true });
  const usual = page.viewportSize() ?? { width: 1280, height: 900 };
  const height = await page.locator('#app').evaluate((app: { scrollHeight: number }) => app.scrollHeight);
  await page.setViewportSize({ width: usual.width, height: Math.max(usual.height, height) });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}.png`), caret: 'initial' });
  }
  await page.setViewportSize(usual);
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

/** One browser for each thing that its microphone may hear; all of them end with the tests. */
const browsers = new Map<string | undefined, Promise<Browser>>();

after(async () => {
  for (const browser of browsers.values()) await (await browser).close();
});

function browserWith(microphone: string | undefined): Promise<Browser> {
  const known = browsers.get(microphone);
  if (known) return known;
  const launched = launchBrowser(microphone);
  browsers.set(microphone, launched);
  return launched;
}
