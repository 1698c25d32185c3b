import type { Api } from './api.js';
import { durationOf, timeOf } from './clock.js';
import { byId, make } from './dom.js';
import type { StatisticsLine } from './types.js';

const REFRESH_MS = 60_000;
const HOUR_MS = 3_600_000;
const HEIGHT = 170;

/** All departments together in one hour. */
interface Hour {
  at: number;
  chats: number;
  answered: number;
  abandoned: number;
  /** Seconds; null where nothing was answered. */
  wait: number | null;
}

/** The curves of the day that began at midnight here. */
export class Today {
  private hours: Hour[] = [];
  private charts: { destroy(): void; setSize(size: { width: number; height: number }): void }[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly api: () => Api) {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
    new ResizeObserver(() => {
      const width = byId('counts').clientWidth;
      if (width > 0) for (const chart of this.charts) chart.setSize({ width, height: HEIGHT });
    }).observe(byId('counts'));
  }

  start(): void {
    this.stop();
    void this.read();
    this.timer = setInterval(() => void this.read(), REFRESH_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.hours = [];
    this.draw();
  }

  private async read(): Promise<void> {
    const [from, to] = day();
    const query = new URLSearchParams({
      ...{ from: from.toISOString(), to: to.toISOString(), by: 'department', per: 'hour' },
    });
    try {
      const { statistics } = await this.api().call<{ statistics: StatisticsLine[] }>('GET', `/statistics?${query}`);
      this.hours = hoursOf(statistics, from.getTime());
      this.draw();
    } catch {
      // The curves stay as they were; that the bridge is away is said above.
    }
  }

  private draw(): void {
    for (const chart of this.charts.splice(0)) chart.destroy();
    const busy = this.hours.filter(({ chats }) => chats > 0);
    byId('figures').replaceChildren(...busy.map((hour) => figuresRow(hour)));
    if (this.hours.length === 0) return;
    const sum = (of: (hour: Hour) => number) => this.hours.reduce((all, hour) => all + of(hour), 0);
    const { hours } = this;
    const said = `${sum((one) => one.chats)} chats, ${sum((one) => one.answered)} answered, ${sum((one) => one.abandoned)} abandoned`;
    byId('counts').setAttribute('aria-label', `Today: ${said}`);
    const longest = Math.max(0, ...hours.map(({ wait }) => wait ?? 0));
    byId('waits').setAttribute('aria-label', `Average wait of the slowest hour: ${durationOf(longest)}`);
    this.charts = [
      chart(byId('counts'), hours, [
        { color: '--chats', of: ({ chats }) => chats },
        { color: '--answered', of: ({ answered }) => answered },
        { color: '--abandoned', of: ({ abandoned }) => abandoned },
      ]),
      chart(byId('waits'), hours, [{ color: '--wait', of: ({ wait }) => wait }]),
    ];
  }
}

function chart(
  target: HTMLElement,
  hours: readonly Hour[],
  curves: readonly { color: string; of: (hour: Hour) => number | null }[],
): Today['charts'][number] {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const [from, to] = day().map((date) => date.getTime() / 1000) as [number, number];
  const axis = {
    ...{ stroke: color('--muted'), font: '12px system-ui', gap: 4 },
    ...{ grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } },
  };
  const data = curves.map(({ of }) => hours.map((hour) => of(hour)));
  return new window.uPlot(
    {
      width: target.clientWidth || 300,
      height: HEIGHT,
      scales: {
        x: { range: () => [from, to] },
        y: { range: (_, _min, max) => [0, Math.max(max * 1.1, 4)] },
      },
      axes: [
        {
          ...axis,
          values: (_: unknown, at: number[]) => at.map((time) => String(new Date(time * 1000).getHours())),
          size: 24,
        },
        { ...axis, size: 36, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000] },
      ],
      series: [
        {},
        ...curves.map((curve) => ({
          ...{ stroke: color(curve.color), width: 2 },
          points: { show: true, size: 6, fill: color(curve.color) },
        })),
      ],
      legend: { show: false },
      cursor: { show: false },
    },
    [hours.map(({ at }) => at / 1000), ...data],
    target,
  );
}

/** From midnight to midnight. */
function day(): [Date, Date] {
  const from = new Date();
  from.setHours(0, 0, 0, 0);
  const to = new Date(from);
  to.setDate(to.getDate() + 1);
  return [from, to];
}

/** Every hour until now, also those without a chat. */
function hoursOf(lines: readonly StatisticsLine[], from: number): Hour[] {
  const hours: Hour[] = [];
  for (let at = from; at <= Date.now(); at += HOUR_MS) {
    const own = lines.filter((line) => Date.parse(line.at) <= at && at < Date.parse(line.at) + HOUR_MS);
    const sum = (of: (line: StatisticsLine) => number) => own.reduce((all, line) => all + of(line), 0);
    const answered = sum((line) => line.answered);
    const waited = sum((line) => (line.average_wait ?? 0) * line.answered);
    const wait = answered === 0 ? null : Math.round(waited / answered);
    hours.push({ at, wait, answered, chats: sum((line) => line.chats), abandoned: sum((line) => line.abandoned) });
  }
  return hours;
}

function figuresRow({ at, chats, answered, abandoned, wait }: Hour): HTMLElement {
  const hour = make('th', '', timeOf(new Date(at).toISOString()));
  hour.scope = 'row';
  const cells = [String(chats), String(answered), String(abandoned), wait === null ? '–' : durationOf(wait)];
  return make('tr', '', [hour, ...cells.map((text) => make('td', '', text))]);
}
