import type { ComponentType } from 'preact';

/** One page of the playground. Its code is fetched when it is first shown. */
export interface PlaygroundPage {
  /** What stands in the address. */
  readonly id: string;
  readonly title: string;
  readonly load: () => Promise<ComponentType>;
}

/** The pages in the order of the menu. */
export const pages: readonly [PlaygroundPage, ...PlaygroundPage[]] = [
  { id: 'speak', title: 'Speak', load: async () => (await import('./pages/speak.tsx')).Speak },
  { id: 'voices', title: 'Voices', load: async () => (await import('./pages/voices.tsx')).Voices },
  { id: 'compare', title: 'Compare', load: async () => (await import('./pages/compare.tsx')).Compare },
  { id: 'listen', title: 'Listen', load: async () => (await import('./pages/listen.tsx')).Listen },
  { id: 'sounds', title: 'Sounds and music', load: async () => (await import('./pages/sounds.tsx')).Sounds },
  { id: 'pictures', title: 'Pictures', load: async () => (await import('./pages/pictures.tsx')).Pictures },
  { id: 'films', title: 'Films', load: async () => (await import('./pages/films.tsx')).Films },
  { id: 'jobs', title: 'Jobs', load: async () => (await import('./pages/jobs.tsx')).Jobs },
  { id: 'models', title: 'Models', load: async () => (await import('./pages/models.tsx')).Models },
  { id: 'keys', title: 'Keys', load: async () => (await import('./pages/keys.tsx')).Keys },
  { id: 'usage', title: 'Usage', load: async () => (await import('./pages/usage.tsx')).Usage },
  { id: 'server', title: 'Server', load: async () => (await import('./pages/server.tsx')).Server },
];

/** The page of an address; the first one where there is none of that name. */
export function findPage(id: string): PlaygroundPage {
  return pages.find((page) => page.id === id) ?? pages[0];
}
