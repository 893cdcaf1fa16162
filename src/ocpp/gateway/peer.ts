import { BlockList, isIP, isIPv6 } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a host name or address means this machine and nothing else. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  if (isIP(host) === 0) return false;
  // A dual-stack socket names an IPv4 peer ::ffff:a.b.c.d; the list knows that form.
  return LOOPBACK.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}
