import type { Beta } from '../beta/beta.ts';
export type Alpha = Beta;
