/** A request that is answered later, as it came in. */
export interface KeptRequest {
  readonly method: string;
  /** Path and query under the dialect's own prefix, so that no header is needed to find the dialect. */
  readonly url: string;
  /** Those that matter to the answer; never a credential. */
  readonly headers: Readonly<Record<string, string>>;
  /** Blob with the body; absent for none. */
  readonly body?: { readonly blob: string; readonly byteLength: number };
}

/** The answer to a kept request. */
export interface KeptResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Blob with the body. */
  readonly blob: string;
  readonly byteLength: number;
}
