import type { Hours } from './hours/hours.js';

/** What decides where a visitor lands, and whether somebody is there: a part of every transaction. */
export interface DeskPorts {
  readonly hours: HoursStore;
}

export interface HoursStore {
  /** Undefined: always open. */
  ofDepartment(departmentId: number): Promise<Hours | undefined>;
  /** Null removes them. */
  set(instanceId: number, departmentId: number, hours: Hours | null): Promise<void>;
}
