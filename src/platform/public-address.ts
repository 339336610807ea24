import ipaddr from 'ipaddr.js';

/**
 * Whether an IP address belongs to the public internet: no loopback, private, link-local, multicast, reserved,
 * translated or tunnelled one. An IPv4 address inside an IPv6 one is judged as the former.
 */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/** Whether an IP address is in one of the networks, each in CIDR form (`10.0.0.0/8`, `fd00::/8`). */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return networks.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === parsed.kind() && parsed.match(base, bits);
  });
}

/** Whether a text is a network in CIDR form. */
export function isNetwork(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}
