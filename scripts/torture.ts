// npm run torture -- [--seed N] [--only PART_OR_ROUTE] [--requests N] [--minutes N]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { ALLOWED, detour, tortureAddresses, watchtower } from '../test/torture/torture-addresses.ts';
import { tortureBombs } from '../test/torture/torture-bombs.ts';
import { newAgent, type Address } from '../test/torture/torture-asking.ts';
import { tortureDecoders } from '../test/torture/torture-decoders.ts';
import { realFiles } from '../test/torture/torture-files.ts';
import { FEWEST_REQUESTS, growthOf, type Sample } from '../test/torture/torture-growth.ts';
import { readOperations } from '../test/torture/torture-operations.ts';
import { createTally, describeFinding } from '../test/torture/torture-report.ts';
import { tortureRoutes } from '../test/torture/torture-routes.ts';
import { tortureSockets } from '../test/torture/torture-sockets.ts';
import { atRest, startTarget, type Target } from '../test/torture/torture-target.ts';
import { idsThere, ownKeyId } from '../test/torture/torture-warming.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: process.env['SEED'] ?? '1' },
    only: { type: 'string', default: process.env['ONLY'] ?? '' },
    requests: { type: 'string', default: process.env['REQUESTS'] ?? '100000' },
    minutes: { type: 'string', default: process.env['MINUTES'] ?? '20' },
    lanes: { type: 'string', default: process.env['LANES'] ?? '4' },
  },
});
const { only } = values;
const seed = Number(values.seed);
const requests = Number(values.requests);
const lanes = Number(values.lanes);
const endsAt = Date.now() + Number(values.minutes) * 60_000;

const THREADS_REST_MS = 75_000;

const PARTS = ['routes', 'sockets', 'addresses', 'bombs', 'decoders', 'suites', 'faults'] as const;
type Part = (typeof PARTS)[number];

const isPart = PARTS.some((part) => part === only);
const isRoute = only !== '' && !isPart;
/** A part of the time that is left, in milliseconds of `Date.now`. */
const until = (share: number) => Date.now() + Math.max(0, (endsAt - Date.now()) * share);
const wants = (part: Part) =>
  isRoute ? part === 'routes' || part === 'sockets' : only === '' || only === part;

/** The files of the suite that attack what no request of one's own can: names that rebind, half requests, odd forms. */
const SUITES = [
  'test/security/guarded-fetching.test.ts',
  'src/platform/guarded-fetcher.test.ts',
  'src/platform/public-address.test.ts',
  'test/security/http-limits.test.ts',
  'test/security/socket-messages.test.ts',
  'test/bad-input.test.ts',
  'test/bad-media-input.test.ts',
  'src/media/decoders/decoder-fuzz.test.ts',
];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const tally = createTally((finding) => console.log(describeFinding(finding)));
const samples: Sample[] = [];
const troubles: string[] = [];

if (PARTS.slice(0, 5).some(wants)) await attackServer();
if (wants('suites'))
  await run('the suites of hostile input', [
    '--test',
    '--test-concurrency=1',
    '--test-reporter=dot',
    ...SUITES,
  ]);
if (wants('faults')) await run('what dies, fills up and is set', ['bench/faults.ts']);

console.log(`\n${tally.table()}\n`);
if (samples.length > 1) {
  const { words, faults } = growthOf(samples);
  console.log(words);
  troubles.push(...faults);
}
console.log(`${tally.requests()} requests, ${tally.findings().length} findings, seed ${seed}`);
for (const trouble of troubles) console.log(`FOUND ${trouble}`);
await stopDecodePool();
process.exitCode = tally.findings().length + troubles.length > 0 ? 1 : 0;

async function attackServer(): Promise<void> {
  const target = await startTarget({
    fetchAllow: process.platform === 'linux' ? `${ALLOWED}/32` : undefined,
  });
  const hidden = await watchtower('127.0.0.1');
  const redirector = await watchtower(
    process.platform === 'linux' ? ALLOWED : '127.0.0.1',
    detour(hidden.port),
  );
  try {
    await attack(target, { hidden: hidden.port, redirector: redirector.port });
    await atRest(target);
    // Threads without work end after a minute, and what they held is given back.
    if (tally.requests() >= FEWEST_REQUESTS) await pause(THREADS_REST_MS);
    noteFootprint(target);
    if (hidden.visits().length > 0)
      troubles.push(`the server visited this machine: ${[...new Set(hidden.visits())].join(', ')}`);
    if (wants('addresses'))
      console.log(
        `The redirector was visited ${redirector.visits().length} times, this machine ${hidden.visits().length} times.`,
      );
    if (only === 'addresses' && redirector.visits().length === 0)
      troubles.push('nothing was ever fetched, so that nothing is shown');
    troubles.push(...new Set(target.complaints()));
  } finally {
    await target.close();
    await Promise.all([hidden.close(), redirector.close()]);
  }
}

function noteFootprint(target: Target): void {
  const footprint = target.footprint();
  if (footprint) samples.push({ ...footprint, requests: tally.requests() });
}

async function attack(
  target: Target,
  ports: { readonly hidden: number; readonly redirector: number },
): Promise<void> {
  const all = await readOperations(target.origin);
  const operations = all.filter(({ name }) => !isRoute || name.includes(only));
  if (operations.length === 0)
    throw new Error(`No route is called ${only}, and no part: ${PARTS.join(', ')}`);
  const files = await realFiles();
  const ownId = await ownKeyId(target);
  let agent = newAgent();
  const refreshed = async (): Promise<Address> => {
    // Connections that are kept for later are handles, too.
    agent.destroy();
    agent = newAgent();
    await atRest(target);
    noteFootprint(target);
    const ids = await idsThere(all, { ...target, agent }, ownId);
    await atRest(target);
    return { origin: target.origin, key: target.key, ids, agent };
  };
  // The engines are warm then.
  await refreshed();
  samples.length = 0;
  let address = await refreshed();
  if (wants('addresses'))
    await tortureAddresses({
      operations,
      address,
      port: ports.hidden,
      redirector: ports.redirector,
      deadline: until(0.15),
      tally,
    });
  if (wants('bombs')) await tortureBombs({ operations, address, deadline: until(0.15), tally });
  if (wants('decoders'))
    await tortureDecoders({ files, seed, runs: requests / 20, deadline: until(0.1), tally });
  if (wants('sockets'))
    await tortureSockets({
      operations,
      address,
      seed,
      conversations: requests / 50,
      deadline: until(0.15),
      tally,
    });
  if (wants('routes')) {
    const material = { files, forbidden: `http://127.0.0.1:${ports.hidden}/hook` };
    await tortureRoutes({
      operations,
      material,
      address,
      seed,
      requests,
      deadline: endsAt,
      lanes,
      tally,
      betweenRounds: refreshed,
    });
  }
}

async function run(what: string, args: readonly string[]): Promise<void> {
  console.log(`\n${what}: node ${args.join(' ')}`);
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null]; // The first argument of the event.
  if (code !== 0) troubles.push(`${what} failed`);
}
