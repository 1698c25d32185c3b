import { createHmac } from 'node:crypto';
import type { Client } from '../../domain/bans/ban.js';
import { isInNetwork, networkOf } from '../http/client-address.js';

const BYTES = 16;

/**
 * What stands in the record for an address: the same for the same one, and without the key nobody can tell which that is.
 * @param keys base64, the present one first; what an earlier one made is still found
 */
export function clients(keys: readonly [string, ...string[]]): (address: string) => Client {
  const [present, ...earlier] = keys;
  const digest = (key: string, address: string): Buffer =>
    createHmac('sha256', Buffer.from(key, 'base64'))
      .update(`opener ${networkOf(address)}`)
      .digest()
      .subarray(0, BYTES);
  return (address) => ({
    digests: [digest(present, address), ...earlier.map((key) => digest(key, address))],
    isIn: (network) => isInNetwork(address, network),
  });
}
