import type { UsageAmounts } from '../ports/usage-store.ts';

/** What something costs, in the currency of the list; what is absent costs nothing. */
export interface Price {
  readonly perMillionCharacters?: number | undefined;
  /** Of sound and film, heard or made. */
  readonly perHour?: number | undefined;
  readonly perPicture?: number | undefined;
}

/** The operator's prices. That of a model takes the place of that of what it does. */
export interface PriceList {
  /** Any text, such as `EUR`. */
  readonly currency: string;
  /** By the name that is asked for. */
  readonly models: Readonly<Record<string, Price>>;
  /** By what is done. */
  readonly capabilities: Readonly<Record<string, Price>>;
}

const HOUR_MS = 60 * 60 * 1000;

/** What was used costs so much, unrounded. */
export function costOf(
  amounts: UsageAmounts,
  { model, capability }: { readonly model: string; readonly capability: string },
  prices: PriceList,
): number {
  const price = own(prices.models, model) ?? own(prices.capabilities, capability) ?? {};
  const { perMillionCharacters = 0, perHour = 0, perPicture = 0 } = price;
  return (
    (amounts.characters / 1_000_000) * perMillionCharacters +
    (amounts.audioMs / HOUR_MS) * perHour +
    amounts.pictures * perPicture
  );
}

/** Callers choose the names that are looked up here. */
function own(prices: Readonly<Record<string, Price>>, name: string): Price | undefined {
  return Object.hasOwn(prices, name) ? prices[name] : undefined;
}
