import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { UploadRoom } from '../src/core/ports/upload-room.ts';
import { createUploadFolder } from '../src/platform/upload-folder.ts';
import type { RawForm, RawPart } from './raw-form.ts';
import { rawForm, textPart } from './raw-form.ts';

/** How each vendor's clients ask for a transcript, and where they look for what was wrong. */
export interface HearingVendor {
  readonly name: 'openai' | 'elevenlabs' | 'eigen';
  readonly url: string;
  readonly fields: { readonly model: string; readonly language: string };
  /** A name that every installed model may serve. */
  readonly model: string;
  /** The vendor's own limit for one file. */
  readonly fileBytes: number;
  /** Fails unless the body is the vendor's error envelope. */
  problem(body: unknown): Problem;
}

/** What an error says. A vendor without a place for the field names it in the message. */
export interface Problem {
  readonly message: string;
  readonly param?: string | null;
}

export const hearingVendors: readonly HearingVendor[] = [
  {
    name: 'openai',
    url: '/v1/audio/transcriptions',
    fields: { model: 'model', language: 'language' },
    model: 'whisper-1',
    fileBytes: 26_214_400,
    problem: (body) => {
      const { error } = body as {
        error: { message: string; type: string; param: string | null; code: unknown };
      };
      if (!error.type || !('code' in error)) throw new Error(`no envelope: ${JSON.stringify(body)}`);
      return { message: error.message, param: error.param };
    },
  },
  {
    name: 'elevenlabs',
    url: '/v1/speech-to-text',
    fields: { model: 'model_id', language: 'language_code' },
    model: 'scribe_v1',
    fileBytes: 3_221_225_472,
    problem: (body) => {
      const { detail } = body as {
        detail:
          | { type: string; code: string; status: string; message: string; param?: string }
          | readonly { loc: readonly string[]; msg: string; type: string }[];
      };
      const [first] = 'length' in detail ? detail : [];
      if (first) return { message: first.msg, param: first.loc.at(-1) ?? null };
      if ('length' in detail || !detail.type || !detail.code || !detail.status) {
        throw new Error(`no envelope: ${JSON.stringify(body)}`);
      }
      return { message: detail.message, param: detail.param ?? null };
    },
  },
  {
    name: 'eigen',
    url: '/api/v1/generate',
    fields: { model: 'model', language: 'language' },
    model: 'whisper_v3_turbo',
    fileBytes: 26_214_400,
    problem: (body) => {
      const { detail, error } = body as { detail: string; error: string };
      if (typeof detail !== 'string' || detail !== error)
        throw new Error(`no envelope: ${JSON.stringify(body)}`);
      return { message: detail };
    },
  },
];

/** A form with the vendor's model in it, and whatever else. */
export function formFor(vendor: HearingVendor, ...parts: readonly RawPart[]): RawForm {
  return rawForm([textPart(vendor.fields.model, vendor.model), ...parts]);
}

/** A room for uploads that a test can look into, removed with the test. */
export function watchedUploads(
  t: { after(done: () => void): void },
  maxFileBytes?: number,
): { readonly room: UploadRoom; readonly lying: () => readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-uploads-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    room: createUploadFolder(maxFileBytes === undefined ? { folder } : { folder, maxFileBytes }),
    lying: () => readdirSync(folder),
  };
}

/** Resolves as soon as something holds, which it has to within a minute. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`still not so: ${what}`);
    await nextTurn();
  }
}
