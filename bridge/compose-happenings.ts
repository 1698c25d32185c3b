import type { Happening } from './domain/happenings.js';
import type { BusinessEvents } from './observe/events.js';

/** Has the log say what the domain reported. */
export function tell(events: BusinessEvents, happening: Happening): void {
  switch (happening.what) {
    case 'visitorsTimedOut':
      return events.visitorsTimedOut(happening.visitors);
    case 'waitEnded':
      return events.waitEnded(happening.seconds, happening.estimate);
    case 'roomMoved': {
      const { room, instance, state, reason } = happening;
      return events.roomMoved({ room, instance, state, reason });
    }
    case 'operatorOnline':
    case 'operatorOffline':
      return events[happening.what](happening.operator);
    default:
      return events[happening.what](happening.chat);
  }
}
