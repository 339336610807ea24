import { signal } from '@preact/signals';

/** What the address names after its `#/`: the page, and what it shows. */
export interface Route {
  readonly page: string;
  readonly parameters: URLSearchParams;
}

function read(): Route {
  const [page = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  return { page, parameters: new URLSearchParams(query) };
}

/** Where the visitor is. */
export const route = signal(read());

addEventListener('hashchange', () => {
  route.value = read();
});

/** The address of a page. */
export function hrefOf(page: string, parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return query === '' ? `#/${page}` : `#/${page}?${query}`;
}
