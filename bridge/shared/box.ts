import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts small secrets (account passwords, callback secrets) for storage: AES-256-GCM, a fresh nonce each, one version byte in front. */
export class SecretBox {
  /** @param key 32 bytes; the older keys still open what they closed. */
  constructor(
    private readonly key: Buffer,
    private readonly olderKeys: readonly Buffer[] = [],
  ) {
    for (const one of [key, ...olderKeys]) if (one.length !== 32) throw new Error('The account key must be 32 bytes');
  }

  seal(text: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws when no key opens it: the configured account key isn't the one that closed it. */
  open(box: Buffer): string {
    if (box[0] !== VERSION) throw new Error('Unknown version of an encrypted value');
    const nonce = box.subarray(1, 1 + NONCE_BYTES);
    const tag = box.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
    const sealed = box.subarray(1 + NONCE_BYTES + TAG_BYTES);
    for (const key of [this.key, ...this.olderKeys]) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce);
        decipher.setAuthTag(tag);
        return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
      } catch {
        continue;
      }
    }
    throw new Error('An encrypted value can’t be opened with the configured account key');
  }
}
