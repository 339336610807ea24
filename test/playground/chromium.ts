import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser } from 'playwright-core';

/** Why there can be no browser on this machine; false where there is one. Meant for the option `skip` of a test. */
export const noBrowser: string | false =
  process.platform === 'linux' && process.arch === 'x64'
    ? false
    : 'the browser that these tests bring along runs on Linux on x64 only';

/** What is meant for functions in the cloud, or takes away what the pages are to be held to. */
const UNWANTED = [
  '--single-process',
  '--no-zygote',
  '--disable-web-security',
  '--allow-running-insecure-content',
];

/** Starts the browser that the tests bring along. Its microphone hears a WAV file over and over, where one is named. */
export async function launchBrowser(microphone?: string): Promise<Browser> {
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
  process.once('exit', () => rmSync(file, { force: true }));
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
