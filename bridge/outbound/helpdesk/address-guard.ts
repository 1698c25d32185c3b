import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import ipaddr from 'ipaddr.js';

/** A callback address that leads into a private network. Says nothing of which address a name has there. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
  readonly code = 'PRIVATE_ADDRESS';

  constructor() {
    super('the address is in a private or reserved network (helpdesk.allow_private_addresses would let it through)');
  }
}

/** Old ways of writing an IPv4 address as IPv6; what reaches them may be anything in the IPv4 network. */
const EMBEDS_IPV4 = ipaddr.IPv6.parseCIDR('::/96');

/**
 * Whether anybody on the internet could have this address: not loopback, private, link-local, metadata, multicast or
 * reserved.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  // A mapped address (::ffff:10.0.0.1) is judged as what it stands for.
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || !(address as ipaddr.IPv6).match(EMBEDS_IPV4);
}

/** The host of an address as a socket takes it: an IPv6 literal without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** @throws PrivateAddressError when the URL names an address itself, for which no lookup is made. */
export function checkLiteral(url: string): void {
  const host = hostOf(new URL(url));
  if (ipaddr.isValid(host) && !isPublicAddress(host)) throw new PrivateAddressError();
}

type Answer = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;
export type Lookup = (hostname: string, options: LookupOptions, answer: Answer) => void;

/**
 * For a socket's `lookup` option: the addresses that are checked are those that are connected to, so that a name can't
 * point elsewhere in between. One private address among them refuses the name.
 */
export function guardedLookup(resolve: Lookup = systemLookup as unknown as Lookup): Lookup {
  return (hostname, options, answer) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return answer(error);
      const addresses = found as LookupAddress[];
      const [first] = addresses;
      if (first === undefined || addresses.some(({ address }) => !isPublicAddress(address)))
        return answer(new PrivateAddressError());
      if (options.all === true) return answer(null, addresses);
      return answer(null, first.address, first.family);
    });
  };
}
