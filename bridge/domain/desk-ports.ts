import type { Hours } from './hours/hours.js';
import type { OfflineMessage } from './offline/offline-message.js';
import type { Rule } from './routing/rule.js';

/** What decides where a visitor lands, and what is left where nobody is: a part of every transaction. */
export interface DeskPorts {
  readonly hours: HoursStore;
  readonly routing: RoutingStore;
  readonly offlineMessages: OfflineMessageStore;
}

export interface HoursStore {
  /** Undefined: always open. */
  ofDepartment(departmentId: number): Promise<Hours | undefined>;
  /** Null removes them. */
  set(instanceId: number, departmentId: number, hours: Hours | null): Promise<void>;
}

export interface RoutingStore {
  /** In their order. */
  rules(instanceId: number): Promise<Rule[]>;
  /** Replaces all of them. */
  replace(instanceId: number, rules: readonly Rule[]): Promise<void>;
}

export interface OfflineMessageStore {
  create(message: Omit<OfflineMessage, 'id' | 'createdAt'>, clientId: string): Promise<OfflineMessage>;
  byClientId(visitorId: number, clientId: string): Promise<OfflineMessage | undefined>;
}
