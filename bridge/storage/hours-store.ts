import type { HoursStore } from '../domain/desk-ports.js';
import type { Hours } from '../domain/hours/hours.js';
import type { Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

const READ = 'SELECT department_hours.hours FROM department_hours WHERE department_hours.department_id = ?';

export function hoursStore(work: UnitOfWork): HoursStore {
  return {
    async ofDepartment(departmentId) {
      return toHours((await work.select(READ, [departmentId]))[0]);
    },
    async set(instanceId, departmentId, hours) {
      if (hours === null) return work.write('DELETE FROM department_hours WHERE department_id = ?', [departmentId]);
      await work.write(
        'INSERT INTO department_hours (department_id, instance_id, hours, changed_at) VALUES (?) ' +
          'ON DUPLICATE KEY UPDATE hours = VALUES(hours), changed_at = VALUES(changed_at)',
        [[departmentId, instanceId, JSON.stringify(hours), work.now]],
      );
    },
  };
}

function toHours(row: Row | undefined): Hours | undefined {
  return row && (JSON.parse(row['hours'] as string) as Hours);
}
