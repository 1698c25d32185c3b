import type { Tx } from '../ports.js';

export interface SetCallback {
  url: string;
  /** `whsec_…`; undefined: the present one stays, if there is one. */
  secret: string | undefined;
  /** Keeps the secret that signed until now as a second one. */
  rotate: boolean;
  /** A random secret, for when one is needed and none is given. */
  fresh: string;
}

/** @returns how many secrets sign from now on, and whether `fresh` is one of them */
export async function setCallback(
  tx: Tx,
  instanceId: number,
  { url, secret, rotate, fresh }: SetCallback,
): Promise<{ secrets: number; madeUp: boolean }> {
  const { secrets: before } = await tx.instances.lockCallback(instanceId);
  const [present] = before;
  const keeps = secret === undefined && !rotate && present !== undefined;
  const newest = secret ?? (keeps ? present : fresh);
  const second = rotate && present !== undefined && present !== newest ? [present] : [];
  const secrets = [newest, ...second];
  await tx.instances.setCallback(instanceId, url, secrets);
  return { secrets: secrets.length, madeUp: newest === fresh };
}

/** What waits for this helpdesk has nowhere to go any more, and the delivery makes dead letters of it. */
export async function removeCallback(tx: Tx, instanceId: number): Promise<void> {
  await tx.instances.setCallback(instanceId, null, []);
}
