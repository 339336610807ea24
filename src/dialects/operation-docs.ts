import type { z } from 'zod';

/** What a part of a form holds: by this its examples and its type are known. */
export type FileKind = 'recording' | 'picture' | 'lexicon';

/** A file that a form may bring. */
export interface FileDocs {
  readonly holds: FileKind;
  readonly about: string;
  readonly required?: boolean;
  /** Whether the part may be repeated. */
  readonly many?: boolean;
}

/** One encoding of a body, checked by the very schema that is given here. */
export interface BodyDocs {
  readonly mediaType: string;
  readonly schema?: z.ZodType;
  /** Fields beside those of the schema that are read by themselves. */
  readonly beside?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, FileDocs>>;
  /** Bodies that work as they stand, by name. Of a form: its text parts; every required file comes with it. */
  readonly examples: Readonly<Record<string, object>>;
}

/** A part of a path: what it is, and one that works. */
export interface PathPart {
  readonly about: string;
  readonly example: string;
}

/** What can be done at one path with one method. */
export interface OperationDocs {
  readonly tag: string;
  /** A few words, without a full stop. */
  readonly summary: string;
  /** More about it, in Markdown. */
  readonly about?: string;
  /** Its path parameters, in our own spelling of the route (`:id`, `*`). */
  readonly path?: Readonly<Record<string, PathPart>>;
  readonly query?: z.ZodType;
  /** A query that works. */
  readonly asks?: Readonly<Record<string, string>>;
  /** The same thing in several encodings, or for several models. */
  readonly bodies?: readonly BodyDocs[];
  /** Media types of good answers beside those that were recorded. */
  readonly gives?: readonly string[];
  /** A good answer in JSON, where none can be recorded: no server of the tests can give it. */
  readonly shows?: object;
  /** Every request is refused, with a reason. */
  readonly refuses?: true;
  /** A WebSocket opens here, and what is said in it is told in words. */
  readonly socket?: true;
  /** Other routes that do the very same; they are not listed by themselves. */
  readonly alsoAt?: readonly string[];
}

/** An answer that the server gave to an example. Long texts in it are cut, and of lists the first item is kept. */
export interface RecordedAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly body?: unknown;
}

/** What a dialect says of itself. Operations are keyed by method and path as they are registered: `GET /voices/:id`. */
export interface DialectDocs {
  /** What the contract is and how its clients are pointed here, in Markdown. */
  readonly about: string;
  /** Where a key goes, as OpenAPI writes it. */
  readonly security: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The groups of operations, in their order, and what each is for. */
  readonly tags: Readonly<Record<string, string>>;
  readonly operations: Readonly<Record<string, OperationDocs>>;
  /** By operation and then by the name of the example. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, RecordedAnswer>>>>;
}

/** The name of the example of an operation without a body. */
export const ONLY_EXAMPLE = 'usual';

/** A body in JSON. */
export function json(schema: z.ZodType, examples: BodyDocs['examples']): BodyDocs {
  return { mediaType: 'application/json', schema, examples };
}

/** A form with files. */
export function form(rest: Omit<BodyDocs, 'mediaType'>): BodyDocs {
  return { mediaType: 'multipart/form-data', ...rest };
}

/** Where `Authorization: Bearer` carries the key. */
export const BEARER = {
  key: { type: 'http', scheme: 'bearer', description: 'A key of this server.' },
} as const;
