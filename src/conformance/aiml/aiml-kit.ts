import { Unchecked } from '../kit-mismatch.ts';
import type { Kit } from '../kit-row.ts';
import { unservedByAiml } from './aiml-judging.ts';
import { AIML_MODEL_ROWS, AIML_ORDER_ROWS } from './aiml-order-rows.ts';
import { AIML_POLL_ROWS } from './aiml-poll-rows.ts';

/** AI/ML API's audio route. Nothing that it makes can be deleted there: it expires. */
export const AIML_KIT: Kit = {
  id: 'aiml',
  usualPath: '',
  models: { sound: 'stable-audio' },
  rows: [...AIML_ORDER_ROWS, ...AIML_POLL_ROWS, ...AIML_MODEL_ROWS],
  credentials: (key) => ({ authorization: `Bearer ${key}` }),
  unserved: unservedByAiml,
  leftBy: () => [],
  speak: async () => {
    throw new Unchecked('this API speaks no texts');
  },
};
