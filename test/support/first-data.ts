import { run, type Pool } from '../../bridge/storage/pool.js';

/** What a migrated, empty database needs before anybody can chat: the instance `main` on this XMPP host, a department, and the desk `main`, open to all sites. */
export async function insertFirstDesk(pool: Pool, host: string): Promise<void> {
  await run(pool, "INSERT INTO instances (name, display_name, host, created_at) VALUES ('main', 'Main', ?, NOW(3))", [
    host,
  ]);
  await run(pool, "INSERT INTO departments (instance_id, name, created_at) VALUES (1, 'Support', NOW(3))");
  await run(
    pool,
    `INSERT INTO desks (instance_id, desk_key, name, department_id, allowed_origins, texts, created_at)
     VALUES (1, 'main', 'Shop', 1, '["*"]', '{}', NOW(3))`,
  );
}
