import { approving } from '../approving.js';

export const command = approving('unapprove', false);
