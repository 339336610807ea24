/** Bounds of one fetch. */
export interface FetchBounds {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** What was fetched. The media type is the server's word and proves nothing. */
export interface FetchedMedia {
  readonly bytes: Uint8Array;
  readonly mediaType: string | undefined;
  /** Last part of the path, when there is one. */
  readonly filename: string | undefined;
}

/**
 * Fetches media from addresses that callers name, and nothing else: only http and https, only public addresses,
 * after every redirect. Throws `invalid_request` (an address that is not allowed, or answers with an error),
 * `payload_too_large`, `timed_out` or `cancelled`; the caller adds the name of the field.
 */
export interface MediaFetcher {
  readonly fetch: (url: string, bounds: FetchBounds) => Promise<FetchedMedia>;
}
