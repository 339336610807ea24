import { BlockList, isIP, type Socket } from 'node:net';
import { answerAndClose } from './raw-answer.ts';

/** How many connections there may be at the same time; 0 stands for no limit. */
export interface ConnectionLimits {
  /** Of the whole process. */
  readonly connections: number;
  /** Of one address, or of one IPv6 network of 64 bits, which is what one customer gets. */
  readonly connectionsPerAddress: number;
  /** Addresses, or networks in CIDR form, for which only the first limit counts: this machine, and balancers in front of it. */
  readonly uncounted: readonly string[];
}

/** Counts by address; what is not held any more takes no room. */
export interface AddressCount {
  /** Takes a place and returns how to give it back, or nothing when there is none left. */
  take(address: string | undefined): (() => void) | undefined;
}

/** Makes a count with the given most places in all and for each address. */
export function countByAddress({
  connections,
  connectionsPerAddress,
  uncounted,
}: ConnectionLimits): AddressCount {
  const held = new Map<string, number>();
  const free = toBlockList(uncounted);
  let all = 0;
  return {
    take: (address = '') => {
      const key = connectionsPerAddress === 0 || isListed(free, address) ? undefined : networkOf(address);
      const own = key === undefined ? 0 : (held.get(key) ?? 0);
      if (connections > 0 && all >= connections) return undefined;
      if (key !== undefined && own >= connectionsPerAddress) return undefined;
      all += 1;
      if (key !== undefined) held.set(key, own + 1);
      return () => {
        all -= 1;
        if (key === undefined) return;
        const left = (held.get(key) ?? 1) - 1;
        if (left > 0) held.set(key, left);
        else held.delete(key);
      };
    },
  };
}

/** Turns away, with a word, who comes when all places are taken. */
export function admitConnections(limits: ConnectionLimits): (socket: Socket) => void {
  const places = countByAddress(limits);
  return (socket) => {
    const leave = places.take(socket.remoteAddress);
    if (leave) socket.once('close', leave);
    else {
      const message = 'There are too many connections at the moment. Close some, or try again shortly.';
      answerAndClose(socket, '503 Service Unavailable', message);
    }
  };
}

function toBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', bits] = network.split('/');
    const family = isIP(base) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(base, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}

function isListed(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** An IPv4 address as it is, also where it comes as an IPv6 one; of an IPv6 address its network of 64 bits. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? [];
  const before = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
