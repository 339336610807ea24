import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countByAddress } from './connection-limits.ts';

function count(limits: {
  connections?: number;
  connectionsPerAddress?: number;
  uncounted?: readonly string[];
}) {
  const places = countByAddress({ connections: 0, connectionsPerAddress: 0, uncounted: [], ...limits });
  return (address: string) => places.take(address);
}

test('each address has places of its own, and gets back what it gave back', () => {
  const take = count({ connectionsPerAddress: 2 });
  const leave = take('192.0.2.1');
  assert.ok(leave && take('192.0.2.1'));
  assert.equal(take('192.0.2.1'), undefined);
  assert.ok(take('192.0.2.2'));
  leave();
  assert.ok(take('192.0.2.1'));
  assert.equal(take('192.0.2.1'), undefined);
});

test('an IPv4 address is the same however it comes, and the 64 bits of a customer of IPv6 are one', () => {
  const same: readonly (readonly string[])[] = [
    ['192.0.2.1', '::ffff:192.0.2.1', '::FFFF:192.0.2.1'],
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::'],
    ['2001:db8::1', '2001:db8:0:0::2', '2001:db8::ffff:0:0:1'],
    ['fe80::1%eth0', 'fe80::2%eth1'],
    ['::1', '::2'],
  ];
  for (const addresses of same) {
    const take = count({ connectionsPerAddress: 1 });
    assert.deepEqual(
      addresses.map((address) => take(address) !== undefined),
      addresses.map((_, index) => index === 0),
      addresses.join(' '),
    );
  }
  const take = count({ connectionsPerAddress: 1 });
  for (const address of ['2001:db8:1:2::1', '2001:db8:1:3::1', '2001:db8:2:2::1', '2001:db8::1:2'])
    assert.ok(take(address), address);
});

test('who is not counted still takes one of the places in all', () => {
  const uncounted = ['127.0.0.0/8', '10.1.2.3', '2001:db8::/32', '::1'];
  const take = count({ connections: 8, connectionsPerAddress: 1, uncounted });
  for (const address of ['127.0.0.1', '10.1.2.3', '2001:db8::1', '::1']) {
    assert.ok(take(address), address);
    assert.ok(take(address), address);
  }
  assert.equal(take('10.1.2.4'), undefined);
});

test('what nobody holds takes no memory: a flood of addresses leaves the count as it was', () => {
  const take = count({ connections: 1, connectionsPerAddress: 1 });
  for (let index = 0; index < 100_000; index += 1) {
    const leave = take(`198.51.${index >> 8}.${index & 255}`);
    assert.ok(leave);
    leave();
  }
  assert.ok(take('198.51.0.0'));
});

test('without limits everybody is let in', () => {
  const take = count({});
  for (let index = 0; index < 5000; index += 1) assert.ok(take('192.0.2.1'));
});
