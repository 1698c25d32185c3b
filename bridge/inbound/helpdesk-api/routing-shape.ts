import { z } from 'zod';
import { languageTag, line } from '../visitor-api/inputs.js';

/** Conditions of rules, as helpdesks give them. */

export const pattern = line(500).refine((text) => text !== '', 'must not be empty');
const addressPattern = pattern.meta({
  description:
    '`*` stands for anything. Begins with `/`: the path; has `://`: the whole address; otherwise host and path. Queries are never looked at.',
});

/** What can be held against somebody who looks at a page. */
export const pageFields = {
  languages: z
    .array(languageTag)
    .min(1)
    .max(20)
    .optional()
    .meta({ description: 'One of them is what the browser asks for first (Accept-Language); `de` is also `de-AT`.' }),
  page: addressPattern.optional(),
  referrer: addressPattern.optional(),
};

export const pageConditions = z
  .strictObject(pageFields)
  .meta({ description: 'All that are given must hold; none: for everybody.' });
