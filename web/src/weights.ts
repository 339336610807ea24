import { signal } from '@preact/signals';
import { ask } from './connection.ts';
import { readEvents } from './event-reader.ts';

/** A model that can be installed, and how it stands on the server. */
export interface Weights {
  readonly id: string;
  readonly engine: string;
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  readonly licence: string;
  readonly commercialUse: boolean;
  readonly languages: readonly string[] | 'any';
  readonly memoryBytes: number;
  /** Names of vendors that it really is. */
  readonly implements: readonly string[];
  /** Other models that come with it. */
  readonly needs: readonly string[];
  /** Where its archive is, which a person has to unpack. */
  readonly page?: string;
  readonly state: 'installed' | 'absent' | 'partial' | 'downloading' | 'damaged';
  readonly bytesOnDisk: number;
  readonly totalBytes?: number;
  readonly problem?: string;
}

/** An installation that was begun on this page; it goes on while other pages are shown. */
export interface Installation {
  readonly file: string;
  readonly receivedBytes: number;
  readonly totalBytes?: number;
  /** Absent once it is over. */
  readonly stop?: () => void;
  /** Why it failed. */
  readonly failure?: string;
}

/** What is being installed or failed to be, by id. */
export const installations = signal<ReadonlyMap<string, Installation>>(new Map());

function note(id: string, installation: Installation | undefined): void {
  const next = new Map(installations.peek());
  if (installation) next.set(id, installation);
  else next.delete(id);
  installations.value = next;
}

/** Installs a model and keeps the page informed. Ends, like its failures, in `installations`. */
export async function install(id: string, acceptLicence: boolean): Promise<void> {
  const own = new AbortController();
  const stop = () => own.abort();
  note(id, { file: '', receivedBytes: 0, stop });
  try {
    const answer = await ask(`${weightsPath(id)}/pull`, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ acceptLicence }),
      signal: own.signal,
    });
    for await (const { event, data } of readEvents(answer)) {
      const told: Installation & { readonly message?: string } = JSON.parse(data);
      if (event === 'progress') note(id, { ...told, stop });
      if (event === 'error') throw new Error(told.message);
      if (event === 'installed') return note(id, undefined);
    }
    throw new Error('The server broke off. What has arrived is kept; install it again to go on.');
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    note(id, own.signal.aborted ? undefined : { file: '', receivedBytes: 0, failure });
  }
}

/** Deletes the files of a model. */
export async function removeWeights(id: string): Promise<void> {
  await ask(weightsPath(id), { method: 'DELETE' });
}

function weightsPath(id: string): string {
  return `/antiphon/v1/models/${id.split('/').map(encodeURIComponent).join('/')}`;
}
