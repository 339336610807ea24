import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toFlitePhones } from './flite-phones.ts';

const SPELLED: readonly (readonly [ipa: string, phones: string | undefined])[] = [
  ['həˈloʊ', 'hh ax0 l ow1'],
  ['təˈmɑːtəʊ', 't ax0 m aa1 t ow0'],
  ['ˈtʃɪldɹən', 'ch ih1 l d r ax0 n'],
  ['ˌʌndɚˈstænd', 'ah1 n d er0 s t ae1 n d'],
  ['bax', 'b aa0 k'],
  ['ʁuʒ', 'r uw0 zh'],
  ['ʔ', undefined],
];

describe('IPA for flite', () => {
  for (const [ipa, phones] of SPELLED) {
    test(`spells ${ipa} as ${String(phones)}`, () => {
      assert.equal(toFlitePhones(ipa).phones, phones);
    });
  }

  test('says which sounds English has not', () => {
    assert.deepEqual(toFlitePhones('bax').changes, [
      { from: 'a', to: 'ɑ' },
      { from: 'x', to: 'k' },
    ]);
    assert.deepEqual(toFlitePhones('həˈloʊ').changes, []);
  });
});
