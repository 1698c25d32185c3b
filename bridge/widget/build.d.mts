/** The most that a page has to load for the widget: scripts and styles together, gzipped. */
export declare const MAX_GZIP_BYTES: number;

/** Bundles the widget into `outDir`; gives the gzipped size in bytes of each script and style, and their `total`. */
export declare function buildWidget(outDir: string): Promise<Record<string, number>>;
