/** A message about something that happened. */
export interface WebhookMessage {
  /** The same for each try. */
  readonly id: string;
  readonly url: string;
  /** Bytes in base64 that sign it; the installation's own secret when absent. */
  readonly secret?: string;
  /** JSON. */
  readonly body: string;
}

/** Sends signed messages to addresses that callers name, with the rules of the media fetcher. */
export interface WebhookSender {
  /** The status of the answer. Throws when there is none, or the address is not allowed. */
  send(message: WebhookMessage, signal: AbortSignal): Promise<number>;
  /** The installation's own secret, as receivers know it: `whsec_` and base64. */
  ownSecret(): Promise<string>;
}
