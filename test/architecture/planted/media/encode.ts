import { decide } from '../core/decide.ts';
export const encode = () => decide();
