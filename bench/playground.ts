/**
 * What it takes until each page of the playground can be used, by somebody who sees it for the first time: bytes over the wire,
 * and from the browser's own trace the first paint and the moment from which it answers. The server is the program as it is
 * started by people, the browser is the one of the tests. Prints a Markdown table.
 */
import { cpus } from 'node:os';
import { buildPlaygroundIfStale } from '../scripts/build-playground.ts';
import { launchBrowser, noBrowser } from '../test/playground/chromium.ts';
import { loadReport, measureLoad, pagesOf, type PageLoad } from '../test/playground/page-load.ts';
import { median } from './report/figures.ts';
import { startServer } from './server-process.ts';

/** How often each page is opened; the figures are the middle ones. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);

const GOALS = { bytes: 200_000, interactiveMs: 1000 };

if (noBrowser !== false) throw new Error(`Nothing can be measured: ${noBrowser}.`);
await buildPlaygroundIfStale();
const server = await startServer();
const browser = await launchBrowser();
try {
  const pages = await pagesOf(browser, server.origin);
  const [first = 'speak'] = pages;
  // What the browser and the server compile with the very first page of their lives is not what is asked here.
  await measureLoad(browser, server.origin, first);
  const all = new Map<string, PageLoad[]>(pages.map((page) => [page, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const page of pages) all.get(page)?.push(await measureLoad(browser, server.origin, page));
  print(all);
} finally {
  await browser.close();
  await server.stop();
}

function print(all: ReadonlyMap<string, readonly PageLoad[]>): void {
  const [processor] = cpus();
  console.log(
    `${cpus().length} × ${processor?.model ?? 'unknown'}, Node.js ${process.version}, the middle of ${ROUNDS} visits\n`,
  );
  console.log(loadReport(all));
  const missed = [...all].flatMap(([page, loads]) => {
    const bytes = median(loads.map(({ transferredBytes, apiBytes }) => transferredBytes + apiBytes));
    const interactiveMs = median(loads.map((load) => load.interactiveMs));
    return bytes >= GOALS.bytes || interactiveMs > GOALS.interactiveMs ? [page] : [];
  });
  const goals = `less than ${GOALS.bytes / 1000} kB and interactive within ${GOALS.interactiveMs} ms`;
  console.log(`\n${missed.length === 0 ? `Every page: ${goals}.` : `Not ${goals}: ${missed.join(', ')}.`}`);
}
