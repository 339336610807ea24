import { isRecord } from '../remote-errors.ts';
import type { Graph } from './graph-template.ts';

/** What the server tells while it works at a graph. */
export interface ProgressListener {
  /** Something about our graph came to an end: it is worth asking at once. */
  onEnd(): void;
  tell(fraction: number): void;
}

/** The server's own news of one graph. */
export interface ProgressSocket {
  /** The id under which the server knows this listener. */
  readonly clientId: string;
  close(): void;
}

/** The graph that is listened for. */
export interface ListenedGraph {
  readonly url: string;
  readonly apiKey?: string | undefined;
  readonly clientId: string;
  readonly promptId: string;
  readonly graph: Graph;
}

const ENDS: readonly unknown[] = ['execution_success', 'execution_error', 'execution_interrupted'];
/** Loading and saving beside the samplers. */
const SAMPLING_SHARE = 0.95;

/** Listens to a server. A socket that cannot be opened, or breaks, is no failure: who waits asks anyway. */
export function listenForProgress(listened: ListenedGraph, listener: ProgressListener): ProgressSocket {
  const { url, clientId, apiKey, promptId } = listened;
  const samplers = Math.max(
    1,
    Object.values(listened.graph).filter((node) => /sampler/i.test(node.class_type)).length,
  );
  const nodes = new Map<string, number>();
  const address = `${url.replace(/^http/, 'ws')}/ws?clientId=${encodeURIComponent(clientId)}`;
  const socket = new WebSocket(address, {
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
  });
  const hear = (text: string) => {
    const { type, data } = parsed(text);
    if (!isRecord(data) || data['prompt_id'] !== promptId) return;
    if (ENDS.includes(type) || (type === 'executing' && data['node'] === null)) return listener.onEnd();
    const { value, max, node } = data;
    if (type !== 'progress' || typeof value !== 'number' || typeof max !== 'number' || !(max > 0)) return;
    nodes.set(String(node), Math.min(1, value / max));
    const done = [...nodes.values()].reduce((sum, one) => sum + one, 0);
    listener.tell((SAMPLING_SHARE * done) / Math.max(samplers, nodes.size));
  };
  socket.addEventListener('message', ({ data }) => {
    // Previews come as bytes.
    if (typeof data === 'string') hear(data);
  });
  socket.addEventListener('error', () => undefined);
  return { clientId, close: () => socket.close() };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
