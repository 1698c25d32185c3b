/** What the page uses of the API's answers; `/openapi.json` has all of it. */

export interface Overview {
  at: string;
  departments: Department[];
  chats: OpenChat[];
  more: boolean;
  operators: Operator[];
}

export interface Department {
  id: number;
  name: string;
  open: boolean;
  closed_because: 'out_of_hours' | 'queue_closed' | 'queue_full' | 'nobody_there' | null;
  waiting: number;
  offered: number;
  active: number;
  waiting_since: string | null;
  operators: { online: number; available: number; paused: number };
}

export interface OpenChat {
  id: number;
  number: number;
  state: 'waiting' | 'offered' | 'active' | 'invited';
  department: number;
  visitor: Visitor;
  operator: number | null;
  asked: number;
  asked_operator: number | null;
  waiting_since: string | null;
  accepted_at: string | null;
  created_at: string;
  last_number: number;
}

interface Visitor {
  id: number;
  nick: string | null;
}

export interface Operator {
  id: number;
  name: string;
  show: 'available' | 'chat' | 'away' | 'xa' | 'dnd' | 'offline';
  paused: boolean;
  approved: boolean;
  max_chats: number;
  open_chats: number;
  departments: number[];
}

export interface RecordedChat {
  id: number;
  number: number;
  state: string;
  department: { name: string } | null;
  visitor: Visitor;
  operator: { name: string } | null;
  created_at: string;
}

export interface Transcript {
  chat: RecordedChat;
  transcript: {
    tags: string[];
    rating: { score: number } | null;
    notes: { text: string; author: string }[];
    messages: {
      number: number;
      sender: string;
      author_name: string | null;
      text: string;
      unstyled: boolean;
      created_at: string;
    }[];
  };
}

export interface StatisticsLine {
  at: string;
  chats: number;
  answered: number;
  abandoned: number;
  average_wait: number | null;
}

/** Who it is, as the page names it. */
export function nameOf({ nick, id }: Visitor): string {
  return nick !== null && nick.trim() !== '' ? nick : `Visitor ${id}`;
}
