import { AppError } from '../../base/errors.ts';

/** How much of a list is wanted, and after which of its items. */
export interface PageQuery {
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
}

/** A page of a list as the vendor's clients walk through it. Throws `invalid_request` for an unknown `after`. */
export function listPage<Listed extends { readonly id: string }>(
  items: readonly Listed[],
  { limit, after }: PageQuery,
) {
  const rest = itemsAfter(items, after);
  const page = rest.slice(0, limit);
  return {
    object: 'list' as const,
    data: page,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: page.length < rest.length,
  };
}

function itemsAfter<Listed extends { readonly id: string }>(
  items: readonly Listed[],
  after: string | undefined,
): readonly Listed[] {
  if (after === undefined) return items;
  const index = items.findIndex(({ id }) => id === after);
  if (index >= 0) return items.slice(index + 1);
  const message = `'after' must be the id of an item of this list, but is '${after}'.`;
  throw new AppError('invalid_request', message, { param: 'after' });
}
