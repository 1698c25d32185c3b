/** What the page uses of uPlot. */
interface UPlotSeries {
  label?: string;
  stroke?: string;
  fill?: string;
  width?: number;
  points?: { show?: boolean; size?: number; fill?: string };
}

interface UPlotOptions {
  width: number;
  height: number;
  series: UPlotSeries[];
  scales: Record<string, { range: (u: unknown, min: number, max: number) => [number, number] }>;
  axes: Record<string, unknown>[];
  legend: { show: boolean };
  cursor: { show: boolean };
}

interface Window {
  uPlot: new (
    options: UPlotOptions,
    data: (number | null)[][],
    target: HTMLElement,
  ) => { destroy(): void; setSize(size: { width: number; height: number }): void };
}
