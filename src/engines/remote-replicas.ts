import { Semaphore } from '../base/semaphore.ts';
import type { EngineHealth } from '../core/engine.ts';
import type { RemoteSettings } from '../core/models/remote.ts';
import { createRemoteLink, type RemoteLink, type RemoteTimeouts } from './remote-link.ts';

/** A place at one of several servers, for the whole of a job: what it needs and makes lies on that server's own disk. */
export interface Seat {
  readonly url: string;
  readonly link: RemoteLink;
  /** Gives the place to the next one; not before the server is idle, where that is still to come. */
  leave(idle?: Promise<unknown>): void;
}

/** Servers that do the same, each of which keeps its jobs to itself. */
export interface Replicas {
  /** Waits for a place at the server with the least to do. Throws `cancelled` at the signal's abort. */
  sit(signal: AbortSignal): Promise<Seat>;
  /** A place at a known server, for what is already there; undefined when it is none of these any more. */
  sitAt(url: string): Seat | undefined;
  health(): EngineHealth;
  stop(): void;
}

/** How the servers are reached and compared. */
export interface ReplicaOptions {
  /** What answers when a server is well. */
  readonly healthPath: string;
  /** What a server has to do, other callers' work included; undefined when it does not answer. */
  readonly loadOf: (link: RemoteLink) => Promise<number | undefined>;
  readonly timeouts?: Partial<RemoteTimeouts>;
}

interface Replica {
  readonly url: string;
  readonly link: RemoteLink;
  taken: number;
}

/** Connections for each job: one that waits for an answer, and one to cancel it with. */
const CONNECTIONS = 4;

/** Places at each server: one job at a time, unless the operator says more. */
export function seatsAt({ concurrency, urls }: Pick<RemoteSettings, 'concurrency' | 'urls'>): number {
  return Math.max(1, Math.ceil((concurrency ?? urls.length) / urls.length));
}

/** Opens the ways to all servers of a remote; nothing is asked before the first job. */
export function createReplicas(settings: RemoteSettings, options: ReplicaOptions): Replicas {
  const seats = seatsAt(settings);
  const replicas = settings.urls.map((url): Replica => {
    const link = createRemoteLink({
      id: settings.id,
      url,
      apiKey: settings.apiKey,
      connections: seats * CONNECTIONS,
      healthPath: options.healthPath,
      ...(options.timeouts ? { timeouts: options.timeouts } : {}),
    });
    return { url, link, taken: 0 };
  });
  const places = new Semaphore({ slots: seats * replicas.length });
  const choose = async () => {
    const [only] = replicas;
    if (only && replicas.length === 1) return only;
    const loads = await Promise.all(
      replicas.map(async (replica) => ({ replica, load: await options.loadOf(replica.link) })),
    );
    const free = loads.filter(({ replica }) => replica.taken < seats);
    const rank = (one: (typeof loads)[number]) =>
      Math.max(one.load ?? Number.MAX_SAFE_INTEGER, one.replica.taken);
    const [best] = (free.length > 0 ? free : loads).sort((one, other) => rank(one) - rank(other));
    if (!best) throw new Error('A remote has at least one address.');
    return best.replica;
  };
  return {
    sit: async (signal) => {
      const release = await places.acquire(settings.id, signal);
      try {
        return seatOf(await choose(), release);
      } catch (error) {
        release();
        throw error;
      }
    },
    sitAt: (url) => {
      const replica = replicas.find((one) => one.url === url);
      return replica && seatOf(replica, () => undefined);
    },
    health: () => worstOf(replicas),
    stop: () => {
      for (const { link } of replicas) link.stop();
    },
  };
}

function seatOf(replica: Replica, release: () => void): Seat {
  replica.taken += 1;
  let left = false;
  const free = () => {
    replica.taken -= 1;
    release();
  };
  return {
    url: replica.url,
    link: replica.link,
    leave: (idle) => {
      if (left) return;
      left = true;
      if (idle) void idle.then(free, free);
      else free();
    },
  };
}

/** One that is well is enough to serve. */
function worstOf(replicas: readonly Replica[]): EngineHealth {
  const all = replicas.map(({ url, link }) => ({ url, ...link.circuit.health() }));
  const ill = all.filter(({ state }) => state === 'unhealthy');
  const reasons = ill.map(({ url, reason = 'it does not answer' }) => `${url}: ${reason}`).join(' ');
  if (all.some(({ state }) => state === 'healthy')) {
    return { state: 'healthy', ...(reasons === '' ? {} : { reason: reasons }) };
  }
  return ill.length > 0 ? { state: 'unhealthy', reason: reasons } : { state: 'unknown' };
}
