import { AppError } from '../../base/errors.ts';
import type { MediaProfile } from './media-profile.ts';

type Refused = NonNullable<MediaProfile['refusedText']>;

/** Whatever a server calls itself, it may be one that reads orders in the middle of a prompt. */
const HIDDEN_ORDERS: Refused = {
  pattern: /<\/?\s*sd_cpp_extra_args/i,
  reason: 'it holds a tag with which one engine is given orders',
};

/** Refuses texts that a server would take for orders of its own. */
export function refuseOrders(
  texts: Readonly<Record<string, string | undefined>>,
  refused: MediaProfile['refusedText'],
): void {
  for (const { pattern, reason } of [HIDDEN_ORDERS, ...(refused ? [refused] : [])]) {
    for (const [param, text] of Object.entries(texts)) {
      if (text === undefined || !pattern.test(text)) continue;
      throw new AppError('invalid_request', `This text cannot be used: ${reason}.`, {
        param,
        reason: 'prompt_syntax',
      });
    }
  }
}
