import type { RoutingStore } from '../domain/desk-ports.js';
import type { Conditions, Rule } from '../domain/routing/rule.js';
import type { UnitOfWork } from './unit-of-work.js';

export function routingStore(work: UnitOfWork): RoutingStore {
  return {
    async rules(instanceId) {
      const found = await work.select(
        'SELECT routing_rules.name, routing_rules.conditions, routing_rules.skills, routing_rules.department_id FROM routing_rules WHERE routing_rules.instance_id = ? ORDER BY routing_rules.position',
        [instanceId],
      );
      return found.map((row) => ({
        name: row['name'] as string,
        when: JSON.parse(row['conditions'] as string) as Conditions,
        skills: JSON.parse(row['skills'] as string) as Rule['skills'],
        departmentId: row['department_id'] as number,
      }));
    },
    async replace(instanceId, rules) {
      await work.select('SELECT instances.id FROM instances WHERE instances.id = ? FOR UPDATE', [instanceId]);
      await work.write('DELETE FROM routing_rules WHERE instance_id = ?', [instanceId]);
      if (rules.length === 0) return;
      const values = rules.map(({ name, when, skills, departmentId }, i) => [
        ...[instanceId, i + 1, name, JSON.stringify(when), JSON.stringify(skills), departmentId],
      ]);
      await work.write(
        'INSERT INTO routing_rules (instance_id, position, name, conditions, skills, department_id) VALUES ?',
        [values],
      );
    },
  };
}
