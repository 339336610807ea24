import * as fc from 'fast-check';
import { asCurl, ask, settled, type Address } from './torture-asking.ts';
import { judge, vendorsOf } from './torture-judging.ts';
import type { Operation } from './torture-operations.ts';
import type { Finding, Tally } from './torture-report.ts';
import { requestFor, type Asked, type Material } from './torture-requests.ts';

/** What a campaign against the routes is made of. */
export interface Campaign {
  readonly operations: readonly Operation[];
  readonly material: Material;
  readonly address: Address;
  readonly seed: number;
  readonly requests: number;
  /** In milliseconds of `Date.now`. */
  readonly deadline: number;
  /** Routes that are asked at the same time. */
  readonly lanes: number;
  readonly tally: Tally;
  /** Called between the rounds. */
  readonly betweenRounds: (asked: number) => Promise<Address>;
}

/** Requests to one route in a round. */
const IN_A_ROUND = 25;

/** Asks every route, round after round, until there were enough requests or the time is over. */
export async function tortureRoutes(campaign: Campaign): Promise<void> {
  const { operations, requests, deadline, lanes, tally, seed } = campaign;
  const routes = operations.filter(({ isSocket }) => !isSocket);
  const perRoute = Math.min(IN_A_ROUND, Math.max(1, Math.ceil(requests / routes.length)));
  let { address } = campaign;
  for (let round = 0; tally.requests() < requests && Date.now() < deadline; round += 1) {
    const waiting = shuffled(routes, seed + round);
    const lane = async () => {
      for (let operation = waiting.pop(); operation; operation = waiting.pop()) {
        if (Date.now() > deadline || tally.requests() >= requests) return;
        await tortureRoute(operation, { ...campaign, address }, { seed: seed + round, runs: perRoute });
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    address = await campaign.betweenRounds(tally.requests());
  }
}

/** Where a round begins. */
interface Round {
  readonly seed: number;
  readonly runs: number;
}

async function tortureRoute(operation: Operation, campaign: Campaign, { seed, runs }: Round): Promise<void> {
  const { tally, address } = campaign;
  const vendors = vendorsOf(campaign.operations);
  const judges = { vendor: operation.vendor, vendors };
  let asShrunk: Finding | undefined;
  const one = async (generated: Asked) => {
    const asked = settled(generated, address);
    const answer = await ask(asked, address);
    tally.count(operation.name, answer);
    const faults = judge(asked, answer, judges);
    const found = faults.map((fault) => ({
      route: operation.name,
      fault,
      seed,
      curl: asCurl(asked, address.origin),
    }));
    const fresh = found.find((finding) => !tally.knows(finding));
    if (!fresh) return;
    asShrunk = fresh;
    throw new Error(fresh.fault);
  };
  await fc.check(fc.asyncProperty(requestFor(operation, campaign.material), one), {
    seed: seedOf(operation.name, seed),
    numRuns: runs,
    // Shrinking ends, too.
    interruptAfterTimeLimit: Math.min(30_000, Math.max(1, campaign.deadline - Date.now())),
    markInterruptAsFailure: false,
  });
  if (asShrunk) tally.report(asShrunk);
}

/** The same for the same route and seed. */
export function seedOf(name: string, seed: number): number {
  return Array.from(name).reduce(
    (hash, letter) => (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) | 0,
    seed,
  );
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  return items
    .map((item, index) => [seedOf(String(index), seed), item] as const)
    .toSorted(([a], [b]) => Math.imul(a, 2_654_435_761) - Math.imul(b, 2_654_435_761))
    .map(([, item]) => item);
}
