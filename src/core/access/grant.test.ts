import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  FULL_GRANT,
  isInScope,
  refuseOutsideScopes,
  requireAdmin,
  type IntendedAct,
  type Scopes,
} from './grant.ts';

const SPEECH: IntendedAct = { capability: 'speech', model: 'tts-1' };

/** Why an act is refused; undefined where it is not. The list of models says the same, or the test fails. */
function refusal(scopes: Scopes, act: IntendedAct, servers: readonly string[] = []): string | undefined {
  const isOpen = isInScope({ scopes }, act, () => servers);
  try {
    refuseOutsideScopes({ scopes }, act, () => servers);
  } catch (error) {
    assert.equal(isOpen, false);
    assert.ok(error instanceof Error && 'reason' in error);
    return String(error.reason);
  }
  assert.equal(isOpen, true);
  return undefined;
}

test('without scopes everything is open', () => {
  assert.equal(refusal({}, SPEECH), undefined);
});

test('a key for some capabilities is for no other', () => {
  assert.equal(refusal({ capabilities: ['speech', 'music'] }, SPEECH), undefined);
  assert.equal(refusal({ capabilities: ['image'] }, SPEECH), 'capability_not_in_scope');
  assert.equal(refusal({ capabilities: ['image'], models: ['tts-1'] }, SPEECH), 'capability_not_in_scope');
});

test('a listed name is open whatever serves it, and what serves it is not open by its own name', () => {
  const scopes = { models: ['tts-1'] };
  assert.equal(refusal(scopes, SPEECH, ['flite/slt', 'espeak/default']), undefined);
  assert.equal(refusal(scopes, { ...SPEECH, model: 'flite/slt' }, ['flite/slt']), 'model_not_in_scope');
  assert.equal(refusal(scopes, { ...SPEECH, model: 'tts-1-hd' }, ['flite/slt']), 'model_not_in_scope');
  assert.equal(refusal(scopes, { ...SPEECH, model: 'TTS-1' }), 'model_not_in_scope');
  assert.equal(refusal(scopes, { ...SPEECH, model: 'auto' }, ['flite/slt']), 'model_not_in_scope');
});

test('a name that is not listed is open where everything that may serve it is listed', () => {
  const scopes = { models: ['flite/slt', 'espeak/default'] };
  assert.equal(refusal(scopes, SPEECH, ['flite/slt']), undefined);
  assert.equal(refusal(scopes, SPEECH, ['flite/slt', 'espeak/default']), undefined);
  assert.equal(refusal(scopes, SPEECH, ['flite/slt', 'kokoro/en']), 'model_not_in_scope');
  assert.equal(refusal(scopes, SPEECH, []), 'model_not_in_scope');
});

test('who serves is asked only where it matters', () => {
  const never = () => assert.fail('asked');
  refuseOutsideScopes({ scopes: {} }, SPEECH, never);
  refuseOutsideScopes({ scopes: { models: ['tts-1'] } }, SPEECH, never);
});

test('what is for administrators is refused to others', () => {
  requireAdmin({ principal: { grant: FULL_GRANT } });
  assert.throws(() => requireAdmin({ principal: { grant: { ...FULL_GRANT, role: 'user' } } }), {
    code: 'permission_denied',
    reason: 'admin_only',
  });
});
