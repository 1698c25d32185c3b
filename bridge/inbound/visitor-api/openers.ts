import { createHmac } from 'node:crypto';
import { networkOf } from '../http/client-address.js';

const BYTES = 16;

/**
 * What stands in the record for an address: the same for the same one, and without the key nobody can tell which that is.
 * @param key base64
 */
export function openers(key: string): (address: string) => Buffer {
  const secret = Buffer.from(key, 'base64');
  return (address) =>
    createHmac('sha256', secret)
      .update(`opener ${networkOf(address)}`)
      .digest()
      .subarray(0, BYTES);
}
