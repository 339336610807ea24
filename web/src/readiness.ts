/** Whether a server can take requests, part by part. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly ms: number;
    readonly reason?: string;
  }[];
}

/** Asks how the server is. A server that is not ready says so with a status that is elsewhere one of failure. */
export async function readReadiness(signal: AbortSignal): Promise<Readiness> {
  const answer = await fetch('/ready', { signal });
  if (answer.status !== 200 && answer.status !== 503) {
    throw new Error(`The server did not tell how it is (status ${answer.status}).`);
  }
  const readiness: Readiness = await answer.json();
  return readiness;
}
