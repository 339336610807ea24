import { test } from 'node:test';
import { surviveKills } from './pool-claims.ts';

test('each of four machines behind HAProxy dies under load: no job is lost or doubled, and only what ran at the dead one breaks', (t) =>
  surviveKills(t, { killed: ['api-1', 'worker-1', 'api-2', 'worker-2'] }));
