import { approving } from '../approving.js';

export const command = approving('approve', true);
