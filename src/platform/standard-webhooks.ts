import { Webhook } from 'standardwebhooks';
import type { Clock } from '../core/ports/clock.ts';
import type { SecretStore } from '../core/ports/store.ts';
import type { WebhookSender } from '../core/ports/webhook-sender.ts';
import { guardedPost, type GuardedFetcherSettings } from './guarded-fetcher.ts';

/** What messages are sent with. */
export interface WebhookSenderParts {
  /** Where messages may go: where media may be fetched from. */
  readonly settings: GuardedFetcherSettings;
  readonly secrets: SecretStore;
  readonly clock: Pick<Clock, 'now'>;
}

/** Sends messages in the manner of Standard Webhooks: an id, a time and an HMAC-SHA256 over both and the body. */
export function createWebhookSender({ settings, secrets, clock }: WebhookSenderParts): WebhookSender {
  const ownSecret = async () => {
    const bytes = await secrets.getOrCreate('webhooks');
    return `whsec_${Buffer.from(bytes).toString('base64')}`;
  };
  return {
    ownSecret,
    send: async ({ id, url, secret, body }, signal) => {
      const sentAt = new Date(clock.now());
      const signature = new Webhook(secret ?? (await ownSecret())).sign(id, sentAt, body);
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'antiphon',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
        'webhook-signature': signature,
      };
      return guardedPost({ url, headers, body }, settings, signal);
    },
  };
}
