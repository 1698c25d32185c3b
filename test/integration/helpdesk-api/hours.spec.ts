import { expect } from 'chai';
import { startBridge, type TestBridge } from './bridge.js';

describe('the helpdesk API: hours', () => {
  let bridge: TestBridge;
  let instance: { id: number; key: string; department: number };
  const path = (): string => `/api/v1/departments/${instance.department}/hours`;

  before(async function () {
    this.timeout(60_000);
    bridge = await startBridge();
    instance = await bridge.instance('main');
  });
  after(() => bridge.stop());

  const hours = {
    time_zone: 'Europe/Berlin',
    week: { mon: ['09:00-12:00', '13:00-17:30'], fri: ['22:00-02:00'], sun: ['18:00-24:00'] },
    exceptions: [
      { date: '2026-12-25', name: 'Christmas' },
      { date: '2026-12-31', open: ['09:00-12:00'] },
    ],
  };

  it('are none at first: always open', async () => {
    const { status, body } = await bridge.call(instance.key, 'GET', path());
    expect(status).to.equal(200);
    expect(body).to.deep.equal({ hours: null, open: true, next_change: null });
  });

  it('are set as a whole, come back as they were written, and are noted', async () => {
    const { status, body } = await bridge.call(instance.key, 'PUT', path(), hours);
    expect(status, JSON.stringify(body)).to.equal(200);
    expect(body['hours']).to.deep.equal({
      ...hours,
      week: { ...hours.week, tue: [], wed: [], thu: [], sat: [] },
      exceptions: [
        { date: '2026-12-25', name: 'Christmas', open: [] },
        { date: '2026-12-31', open: ['09:00-12:00'] },
      ],
    });
    expect((await bridge.call(instance.key, 'GET', path())).body['hours']).to.deep.equal(body['hours']);
    const [note] = await bridge.query("SELECT actor, subject FROM audit WHERE action = 'department.hours'");
    expect(note?.['subject']).to.equal(`department:${instance.department}`);
  });

  it('say what is now, and until when', async () => {
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const always = Object.fromEntries(
      ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, ['00:00-24:00']]),
    );
    const put = (body: unknown) => bridge.call(instance.key, 'PUT', path(), body);
    const open = await put({ time_zone: 'UTC', week: always, exceptions: [{ date: tomorrow }] });
    expect(open.body).to.include({ open: true, next_change: `${tomorrow}T00:00:00.000Z` });
    const closed = await put({ time_zone: 'UTC', week: {}, exceptions: [{ date: tomorrow, open: ['06:00-07:00'] }] });
    expect(closed.body).to.include({ open: false, next_change: `${tomorrow}T06:00:00.000Z` });
  });

  it('are refused with everything that is wrong in them', async () => {
    const { status, body } = await bridge.call<{ code: string; issues: { path: string; message: string }[] }>(
      instance.key,
      'PUT',
      path(),
      {
        time_zone: 'Mars/Olympus',
        week: { mon: ['9-12', '09:00-09:00'], tue: ['08:00-12:00', '11:00-13:00'] },
        exceptions: [{ date: '2026-02-30' }, { date: '2026-03-01' }, { date: '2026-03-01', open: ['24:00-24:00'] }],
      },
    );
    expect(status).to.equal(422);
    expect(body.issues.map((issue) => issue.path)).to.have.members([
      ...['time_zone', 'week.mon.0', 'week.mon.1', 'week.tue', 'exceptions.0.date', 'exceptions.2.open.0'],
    ]);
    const offset = await bridge.call(instance.key, 'PUT', path(), { time_zone: '+01:00', week: {} });
    expect(offset.status, 'an offset knows no summer time').to.equal(422);
  });

  it('are removed, which opens the department', async () => {
    expect((await bridge.call(instance.key, 'DELETE', path())).status).to.equal(204);
    expect((await bridge.call(instance.key, 'GET', path())).body).to.include({ open: true, hours: null });
  });

  it('of another instance are unknown', async () => {
    const other = await bridge.instance('other');
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await bridge.call(other.key, method, path(), method === 'PUT' ? hours : undefined)).status).to.equal(404);
  });
});
