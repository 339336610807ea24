import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInNetworks, isNetwork, isPublicAddress } from './public-address.ts';

test('only addresses of the public internet are public', () => {
  for (const address of ['93.184.216.34', '1.1.1.1', '2606:4700::1111', '::ffff:8.8.8.8']) {
    assert.equal(isPublicAddress(address), true, address);
  }
  const others = [
    ['127.0.0.1', '127.8.8.8', '0.0.0.0', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254'],
    ['100.64.0.1', '192.0.2.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ['::1', '::', 'fe80::1', 'fd00::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1'],
    ['64:ff9b::7f00:1', '2002:7f00:1::', '2001::1', '2001:db8::1', 'not an address', ''],
    [
      '64:ff9b:1::7f00:1',
      '::127.0.0.1',
      '::ffff:0:127.0.0.1',
      'fec0::1',
      '100::1',
      '4000::1',
      'fe80::1%eth0',
    ],
    ['168.63.129.16', '::ffff:168.63.129.16', '192.88.99.1', '192.0.0.8', '3fff::1', '5f00::1'],
  ];
  for (const address of others.flat()) assert.equal(isPublicAddress(address), false, address);
});

test('a network holds its own addresses, of its own family, mapped ones included', () => {
  assert.equal(isInNetworks('10.1.2.3', ['192.168.0.0/16', '10.0.0.0/8']), true);
  assert.equal(isInNetworks('::ffff:10.1.2.3', ['10.0.0.0/8']), true);
  assert.equal(isInNetworks('fd00::5', ['10.0.0.0/8', 'fd00::/8']), true);
  assert.equal(isInNetworks('11.1.2.3', ['10.0.0.0/8', '::/0']), false);
  assert.equal(isInNetworks('nothing', ['0.0.0.0/0']), false);
});

test('a network is written with its length', () => {
  assert.equal(isNetwork('10.0.0.0/8'), true);
  assert.equal(isNetwork('fd00::/8'), true);
  for (const text of ['10.0.0.0', '10.0.0.0/33', 'lan', '']) assert.equal(isNetwork(text), false, text);
});
