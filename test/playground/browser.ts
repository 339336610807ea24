import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import chromium from '@sparticuz/chromium';
import type { FastifyInstance } from 'fastify';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';
import { buildPlaygroundIfStale } from '../../scripts/build-playground.ts';
import { assemble } from '../../src/assembly.ts';
import type { Core } from '../../src/core/core.ts';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { testApp, type TestAppOptions } from '../support.ts';

/** Why there can be no browser on this machine; false where there is one. Meant for the option `skip` of a test. */
export const noBrowser: string | false =
  process.platform === 'linux' && process.arch === 'x64'
    ? false
    : 'the browser that these tests bring along runs on Linux on x64 only';

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
  const problems: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(`${axeSource()}; undefined`);
    const found = await page.evaluate(async () => {
      // Set by the script that was just run.
      const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeReport> } };
      return (await axe.run({ preload: false })).violations.map(({ id, help, nodes }) => ({
        id,
        help,
        at: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`),
      }));
    });
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
  const launched = launch(microphone);
  browsers.set(microphone, launched);
  return launched;
}

/** What is meant for functions in the cloud, or takes away what the pages are to be held to. */
const UNWANTED = [
  '--single-process',
  '--no-zygote',
  '--disable-web-security',
  '--allow-running-insecure-content',
];

async function launch(microphone: string | undefined): Promise<Browser> {
  const executablePath = await unpackedBrowser();
  return playwright.launch({
    executablePath,
    env: { ...process.env, FONTCONFIG_FILE: writeFontSettings(dirname(executablePath)) },
    args: [
      ...chromium.args.filter((argument) => !UNWANTED.includes(argument)),
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      ...(microphone === undefined ? [] : [`--use-file-for-fake-audio-capture=${microphone}`]),
    ],
  });
}

/** The same fonts on every machine: those that come with the browser, and DejaVu for signs that they lack. */
function writeFontSettings(folder: string): string {
  const dejaVu = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
  const preferred = (family: string, own: string) =>
    `<alias binding="same"><family>${family}</family><prefer><family>${own}</family></prefer></alias>`;
  const file = join(folder, `fonts-${process.pid}.conf`);
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
      <dir>${join(folder, 'fonts')}</dir><dir>${dejaVu}</dir><cachedir>${join(folder, 'font-cache')}</cachedir>
      ${preferred('sans-serif', 'Open Sans')}${preferred('system-ui', 'Open Sans')}
      ${preferred('monospace', 'DejaVu Sans Mono')}
    </fontconfig>`,
  );
  after(() => rmSync(file, { force: true }));
  return file;
}

/**
 * The browser, unpacked once for all runs. Its package would unpack straight to where others look for it, who would then
 * start half of it: it unpacks into a folder of its own here, which takes its name when it is whole.
 */
async function unpackedBrowser(): Promise<string> {
  const packageFile = createRequire(import.meta.url)
    .resolve('@sparticuz/chromium')
    .replace(/build.*$/, 'package.json');
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }; // Every package has one.
  const room = tmpdir();
  const folder = join(room, `antiphon-browser-${version}`);
  const executablePath = join(folder, 'chromium');
  if (existsSync(executablePath)) return executablePath;
  const making = mkdtempSync(join(room, 'antiphon-browser-'));
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = making;
  try {
    await chromium.executablePath();
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  }
  try {
    renameSync(making, folder);
  } catch (error) {
    // Somebody else was faster.
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(executablePath)) throw error;
  }
  return executablePath;
}
