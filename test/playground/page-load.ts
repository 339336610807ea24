import { median } from '../../bench/report/figures.ts';
import { tableText } from '../../bench/report/markdown-table.ts';
import type { Browser, CDPSession, Page } from 'playwright-core';

/** What it takes until a page that nobody has seen before can be used. */
export interface PageLoad {
  readonly page: string;
  readonly requests: number;
  /** What came over the wire, heads of answers and packed bodies, without what was asked of the APIs. */
  readonly transferredBytes: number;
  /** The same files unpacked. */
  readonly unpackedBytes: number;
  /** What was asked of the APIs meanwhile. */
  readonly apiBytes: number;
  readonly firstPaintMs: number;
  /** When the page's own heading stands there and the last long task of loading is over. */
  readonly interactiveMs: number;
  readonly longTasks: number;
  /** How long the page's thread was busy, which says more than a clock where a machine is shared. */
  readonly busyMs: number;
}

/** The pages of the menu, in its order. */
export async function pagesOf(browser: Browser, origin: string): Promise<readonly string[]> {
  return withPage(browser, async (page) => {
    await page.goto(`${origin}/`);
    const links = page.locator('nav li a');
    await links.first().waitFor();
    const addresses = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    return addresses.map((address) => address.slice(2));
  });
}

/** Opens a page in a browser that remembers nothing, and reads from the browser's own trace what that took. */
export async function measureLoad(browser: Browser, origin: string, id: string): Promise<PageLoad> {
  return withPage(browser, async (page) => {
    const session = await page.context().newCDPSession(page);
    const wire = await watchWire(session);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.addInitScript(WATCH);
    await page.goto(`${origin}/#/${id}`);
    await page.locator('main h1').waitFor();
    await page.waitForLoadState('networkidle');
    const { metrics } = await session.send('Performance.getMetrics');
    const seen = (await page.evaluate(READ)) as PageTimes; // What the script of that name gives.
    return { page: id, ...wire(), ...seen, busyMs: 1000 * (metricOf(metrics, 'TaskDuration') ?? Number.NaN) };
  });
}

type PageTimes = Pick<PageLoad, 'firstPaintMs' | 'interactiveMs' | 'longTasks'>;

/** Runs in the page before its own code: notes when the heading comes, and every task of more than 50 ms. */
const WATCH = `
  globalThis.tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: 'longtask', buffered: true });
  new MutationObserver((_, observer) => {
    if (!document.querySelector('main h1')) return;
    globalThis.headingMs = performance.now();
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
`;

/** Runs in the page when nothing more comes. */
const READ = `({
  firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
  interactiveMs: Math.max(headingMs, ...tasks.map(({ startTime, duration }) => startTime + duration)),
  longTasks: tasks.length,
})`;

async function watchWire(
  session: CDPSession,
): Promise<() => Pick<PageLoad, 'requests' | 'transferredBytes' | 'unpackedBytes' | 'apiBytes'>> {
  const parts = new Map<string, { transferred: number; unpacked: number; isOwn: boolean }>();
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    const { pathname, protocol } = new URL(request.url);
    const isOwn = pathname === '/' || pathname.startsWith('/playground/');
    if (protocol === 'http:') parts.set(requestId, { transferred: 0, unpacked: 0, isOwn });
  });
  session.on('Network.dataReceived', ({ requestId, dataLength }) => {
    const part = parts.get(requestId);
    if (part) part.unpacked += dataLength;
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const part = parts.get(requestId);
    if (part) part.transferred = encodedDataLength;
  });
  await session.send('Network.enable');
  const sum = (isOwn: boolean, figure: 'transferred' | 'unpacked') =>
    [...parts.values()].reduce((total, part) => total + (part.isOwn === isOwn ? part[figure] : 0), 0);
  return () => ({
    requests: parts.size,
    transferredBytes: sum(true, 'transferred'),
    unpackedBytes: sum(true, 'unpacked'),
    apiBytes: sum(false, 'transferred'),
  });
}

function metricOf(metrics: readonly { name: string; value: number }[], name: string): number | undefined {
  return metrics.find((metric) => metric.name === name)?.value;
}

/** The middle figures of all visits of each page, as a table. */
export function loadReport(all: ReadonlyMap<string, readonly PageLoad[]>): string {
  const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);
  const rows = [...all].map(([page, loads]) => {
    const middle = (figure: keyof Omit<PageLoad, 'page'>) => median(loads.map((load) => load[figure]));
    return [
      page,
      middle('requests').toFixed(0),
      kilobytes(middle('transferredBytes')),
      kilobytes(middle('unpackedBytes')),
      kilobytes(middle('apiBytes')),
      middle('firstPaintMs').toFixed(0),
      middle('interactiveMs').toFixed(0),
      middle('longTasks').toFixed(0),
      middle('busyMs').toFixed(0),
    ];
  });
  return tableText({ head: HEAD, rows });
}

const HEAD = [
  'page',
  'requests',
  'over the wire, kB',
  'unpacked, kB',
  'from the APIs, kB',
  'first paint, ms',
  'interactive, ms',
  'long tasks',
  'busy, ms',
];

async function withPage<Result>(browser: Browser, use: (page: Page) => Promise<Result>): Promise<Result> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}
