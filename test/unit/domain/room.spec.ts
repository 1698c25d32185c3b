import { expect } from 'chai';
import {
  canMoveRoom,
  isOpenRoom,
  nextState,
  ROOM_STATES,
  type RoomPurpose,
  type RoomState,
} from '../../../bridge/domain/rooms/room.js';

describe('a room’s state', () => {
  const after = (
    state: RoomState,
    people: number,
    { visitor = false, clean = true, goesOn = false, purpose = 'pool' as RoomPurpose } = {},
  ) => nextState({ state, purpose }, { people, visitor }, clean, goesOn);

  it('follows who comes in', () => {
    expect(after('directed', 1)).to.equal('staff_waiting');
    expect(after('staff_waiting', 1, { visitor: true })).to.equal('chatting');
    expect(after('directed', 0, { visitor: true })).to.equal(null);
    expect(after('chatting', 2, { visitor: true })).to.equal(null);
    expect(after('lost', 1, { visitor: true })).to.equal('chatting');
    expect(after('closing', 2)).to.equal('chatting');
  });

  it('tells leaving from being lost', () => {
    expect(after('chatting', 1)).to.equal('closing');
    expect(after('chatting', 1, { clean: false })).to.equal('lost');
    expect(after('closing', 0)).to.equal('closed');
    expect(after('closing', 0, { clean: false })).to.equal('abandoned');
    expect(after('lost', 0)).to.equal('abandoned');
    expect(after('staff_waiting', 0)).to.equal('closed');
    expect(after('staff_waiting', 0, { clean: false })).to.equal('abandoned');
  });

  it('waits for people who were all lost at once while their chat goes on', () => {
    expect(after('chatting', 0, { clean: false, goesOn: true })).to.equal('lost');
    expect(after('lost', 0, { clean: false, goesOn: true })).to.equal(null);
  });

  it('of a group doesn’t end because nobody is there', () => {
    expect(after('available', 1, { purpose: 'group' })).to.equal('chatting');
    expect(after('chatting', 0, { purpose: 'group' })).to.equal(null);
  });

  it('only ever changes as the table says', () => {
    for (const state of ROOM_STATES.filter((one) => isOpenRoom({ state: one })))
      for (const people of [0, 1, 2])
        for (const visitor of [true, false])
          for (const clean of [true, false])
            for (const goesOn of [true, false]) {
              const next = after(state, people, { visitor, clean, goesOn });
              if (next !== null) expect(canMoveRoom(state, next), `${state} to ${next}`).to.equal(true);
            }
  });
});
