import ipaddr from 'ipaddr.js';

/** Addresses of the public range at which a cloud tells its own machines, and nobody else, their secrets. */
const CLOUD_INSIDES: readonly string[] = ['168.63.129.16/32'];

/** The only part of IPv6 that is given out to anybody. */
const GLOBAL_IPV6: readonly string[] = ['2000::/3'];

/**
 * Whether an IP address belongs to the public internet: no loopback, private, link-local, multicast, reserved,
 * translated or tunnelled one. An IPv4 address inside an IPv6 one is judged as the former.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast' || isInNetworks(address, CLOUD_INSIDES)) return false;
  return parsed.kind() === 'ipv4' || isInNetworks(address, GLOBAL_IPV6);
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
