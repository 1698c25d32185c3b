import { z } from 'zod';

/** A moment, as RFC 3339 writes it. */
export const time = z.string().meta({ format: 'date-time' });
