import { store } from '../../platform/store.ts';
export const route = () => store;
