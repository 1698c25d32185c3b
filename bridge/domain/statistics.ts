/** Figures of chats, counted in the hour or day in which the chat was begun (UTC). */
export interface StatisticsFilter {
  /** Begun at this time or later. */
  from: Date;
  /** Begun before. */
  to: Date;
  by: 'department' | 'operator';
  per: 'hour' | 'day';
  /** Chats of these alone. */
  departmentIds?: readonly number[] | undefined;
  /** Lines at most. */
  limit: number;
}

/** One department or operator in one hour or day. Durations in seconds, null where there was nothing to measure. */
export interface StatisticsLine {
  /** When the hour or day began. */
  at: Date;
  id: number;
  name: string;
  chats: number;
  /** Somebody took them. */
  answered: number;
  /** The visitor left before anybody took them. */
  abandoned: number;
  /** Invitations that were never answered. */
  missed: number;
  /** From the beginning until somebody took the chat. */
  averageWait: number | null;
  longestWait: number | null;
  /** From the beginning until the first word of an operator. */
  averageFirstAnswer: number | null;
  /** From taking until the end, of chats that are over. */
  averageHandling: number | null;
  ratings: number;
  averageScore: number | null;
}

export interface StatisticsReads {
  /** The oldest first. */
  statistics(instanceId: number, filter: StatisticsFilter): Promise<StatisticsLine[]>;
}

/** Hours or days that one question may span. */
export const LONGEST_SPAN = { hour: 24 * 62, day: 366 * 2 } as const;
