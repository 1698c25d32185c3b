import type { AuditLog } from '../domain/ports.js';
import type { UnitOfWork } from './unit-of-work.js';

export function auditLog(work: UnitOfWork): AuditLog {
  return {
    add({ instanceId, actor, action, subject, details }) {
      work.later('INSERT INTO audit (instance_id, at, actor, action, subject, details) VALUES (?)', [
        [instanceId, work.now, actor.slice(0, 190), action, subject.slice(0, 190), JSON.stringify(details ?? {})],
      ]);
    },
  };
}
