import { setTimeout as wait } from 'node:timers/promises';
import type { Engine } from '../../src/core/engine.ts';
import type { KitNetwork } from '../../src/conformance/kit-asking.ts';
import { KITS } from '../../src/conformance/kit-list.ts';
import { runKit, type KitPlan, type RowResult } from '../../src/conformance/kit-run.ts';
import { plainMp4 } from '../fakes/fake-media.ts';
import { filmEngine } from '../film-engine.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { openMediaHouse, type MediaHouse } from '../media-house.ts';
import { paintEngine } from '../paint-engine.ts';
import { toneEngine } from '../tone-engine.ts';

export const KEY = 'mine';

/** A server that can do everything the kit asks for but chat, with one key. */
export async function openConformingHouse(): Promise<MediaHouse> {
  const film = await plainMp4({ width: 64, height: 64, frames: 8, framesPerSecond: 2 });
  const films = filmEngine({ limits: { sourceUses: ['edit', 'extend', 'remix'] } });
  const { video } = films;
  if (!video) throw new Error('a film engine makes films');
  const playable: typeof video = {
    ...video,
    generate: async (...asked: Parameters<typeof video.generate>) => ({
      ...(await video.generate(...asked)),
      bytes: Uint8Array.from(film),
    }),
  };
  const more: readonly Engine[] = [toneEngine({ languages: 'any' }), hearingEngine({ speakers: true })];
  return openMediaHouse(
    { image: paintEngine({ inputs: 16, mask: true }), video: { ...films, video: playable }, more },
    { keys: [KEY] },
  );
}

/** The world, without the waiting: looks at jobs come as soon as may be. */
const NETWORK: KitNetwork = {
  request: (url, init) => fetch(url, init),
  openSocket: (url, options) => new WebSocket(url, options),
  now: () => performance.now(),
  pause: async (milliseconds, signal) => {
    await wait(milliseconds, undefined, { signal });
  },
};

/** Holds a server to a kit, with all rows and as fast as it goes, unless told. */
export async function heldTo(
  dialect: string,
  url: string,
  plan: Partial<KitPlan> = {},
): Promise<readonly RowResult[]> {
  const kit = await KITS[dialect]?.();
  if (!kit) throw new Error(`there is no kit ${dialect}`);
  return Array.fromAsync(
    runKit(kit, {
      url,
      key: KEY,
      costly: true,
      documentedOnly: false,
      rows: [],
      models: {},
      recording: undefined,
      perSecond: 10_000,
      rowSeconds: 60,
      pollMs: 15,
      network: NETWORK,
      signal: new AbortController().signal,
      ...plan,
    }),
  );
}

/** The ids of the rows that came out so. */
export function idsOf(results: readonly RowResult[], state: RowResult['state']): readonly string[] {
  return results.filter((row) => row.state === state).map(({ id }) => id);
}
