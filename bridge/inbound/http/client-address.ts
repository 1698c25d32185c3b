import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import type { Middleware } from 'koa';

type Network = [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

/**
 * Whose request it is: `ctx.ip` for everything behind. What a header says of it counts only when a proxy of ours has sent it; anybody else may write
 * into a header what he likes. Says too by which origin the bridge was called, so far as that is known here.
 * @param trusted addresses and networks of the proxies in front
 */
export function clientAddress(trusted: readonly string[]): Middleware {
  const networks = trusted.map(parseNetwork);
  return (ctx, next) => {
    const peer = normal(ctx.req.socket.remoteAddress ?? '');
    const proxied = isOneOf(networks, peer);
    ctx.request.ip = proxied ? behindProxies(ctx.req, peer, networks) : peer;
    const scheme = proxied ? lastOf(ctx.get('x-forwarded-proto')) : '';
    ctx.state['origin'] = `${scheme === 'https' ? 'https' : 'http'}://${ctx.host}`;
    return next();
  };
}

/** What is counted as one client: an IPv4 address, or the /64 that a customer of IPv6 has for itself. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const own = (parsed as ipaddr.IPv6).parts.slice(0, 4);
  return `${own.map((part) => part.toString(16)).join(':')}::/64`;
}

/** A range of addresses in one form, or null when the text is none: `203.0.113.7/24` is `203.0.113.0/24`, an address alone is a range of one. */
export function normalNetwork(text: string): string | null {
  const address = text.split('/', 1)[0] ?? '';
  // Short forms such as 10.1 or 0x7f.1 are read in different ways.
  if (address.includes('.') && !ipaddr.IPv4.isValidFourPartDecimal(address.slice(address.lastIndexOf(':') + 1)))
    return null;
  if (text.includes('%')) return null;
  if (text.includes('/') ? !ipaddr.isValidCIDR(text) : !ipaddr.isValid(text)) return null;
  const [parsed, bits] = parseNetwork(text);
  if (parsed.kind() === 'ipv6' && (parsed as ipaddr.IPv6).isIPv4MappedAddress())
    return bits < 96 ? null : normalNetwork(`${(parsed as ipaddr.IPv6).toIPv4Address().toString()}/${bits - 96}`);
  const network = parsed.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${network.networkAddressFromCIDR(`${parsed.toString()}/${bits}`).toString()}/${bits}`;
}

/** @param network in its normal form */
export function isInNetwork(address: string, network: string): boolean {
  return isOneOf([parseNetwork(network)], address);
}

/** The right-most address that isn't a proxy's: each proxy adds the one that called it, and what is left of that is hearsay. */
function behindProxies(request: IncomingMessage, peer: string, networks: readonly Network[]): string {
  const header = request.headers['x-forwarded-for'];
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',');
  let nearest = peer;
  for (const hop of hops.reverse()) {
    const address = hop.trim();
    if (!ipaddr.isValid(address)) return nearest;
    nearest = normal(address);
    if (!isOneOf(networks, nearest)) return nearest;
  }
  return nearest;
}

function lastOf(header: string): string {
  return header.split(',').at(-1)?.trim().toLowerCase() ?? '';
}

/** An IPv4 address that came over an IPv6 socket is what it stands for. */
function normal(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : address;
}

function parseNetwork(text: string): Network {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function isOneOf(networks: readonly Network[], text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}
