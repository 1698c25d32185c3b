/** What the page uses of the API's answers; `/openapi.json` has all of it. */

export interface Overview {
  at: string;
  departments: Department[];
  desks: Desk[];
  chats: OpenChat[];
  more: boolean;
  operators: Operator[];
  more_operators: boolean;
  rooms: Room[];
  more_rooms: boolean;
}

/** What differs from the overview before: of chats, operators and rooms those alone that are new or different. */
export interface OverviewChange extends Overview {
  chats_gone: number[];
  operators_gone: number[];
  rooms_gone: number[];
}

export interface Desk {
  id: number;
  key: string;
  name: string;
  department: number;
  state: 'active' | 'inactive';
}

export interface Room {
  id: number;
  title: string;
  purpose: 'pool' | 'chat' | 'group';
  state: string;
  state_since: string;
  department: number | null;
  chat: number | null;
  occupants: string[];
}

export interface Ban {
  id: number;
  nick: string | null;
  visitor: number | null;
  address: boolean;
  network: string | null;
  desk: number | null;
  reason: string;
  actor: string;
  created_at: string;
  expires_at: string | null;
}

/** Who is signed in by a link. */
export interface Session {
  operator: number;
  name: string;
  proof: string;
  departments: { id: number; level: 'monitor' | 'manage' }[];
}

/** What whoever is signed in may do; the bridge asks again with each call. */
export interface Rights {
  /** Id of the operator; null with an API key, which is nobody's. */
  operator: number | null;
  manages: (departmentId: number) => boolean;
  sees: (departmentId: number) => boolean;
}

export type Opening = 'auto' | 'open' | 'closed';

export interface Department {
  id: number;
  name: string;
  opening: Opening;
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
  cursor: string;
}

export interface Transcript {
  chat: RecordedChat;
  transcript: {
    tags: string[];
    rating: { score: number } | null;
    notes: { text: string; author: string }[];
    messages: Message[];
  };
}

export interface Message {
  number: number;
  sender: string;
  author_name: string | null;
  text: string;
  unstyled?: boolean;
  created_at: string;
}

/** Of a chat's feed. */
export type ChatEvent =
  | { kind: 'message' | 'message_updated'; data: { message: Message | null } }
  | { kind: 'chat'; data: { chat: RecordedChat } }
  | { kind: 'redirect'; data: { chat: RecordedChat } }
  | { kind: 'typing'; data: { typing: boolean; name: string } }
  | { kind: 'states' | 'position' | 'reset' };

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
