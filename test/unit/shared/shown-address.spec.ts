import { expect } from 'chai';
import { shownAddress } from '../../../bridge/shared/shown-address.js';

describe('a callback address as it is shown', () => {
  it('keeps where it leads, and hides what may let somebody in', () => {
    const shown = {
      'https://desk.example': 'https://desk.example/',
      'https://desk.example:8443/foyer/callback': 'https://desk.example:8443/foyer/callback',
      'https://ann:geheim@desk.example/x': 'https://desk.example/x',
      'https://desk.example/x?token=geheim&site=geheim%3D1': 'https://desk.example/x?token=…&site=…',
      'https://desk.example/x?geheim': 'https://desk.example/x?…',
      'https://desk.example/x?token=a=geheim#geheim': 'https://desk.example/x?token=…',
    };
    for (const [address, expected] of Object.entries(shown)) expect(shownAddress(address)).to.equal(expected);
  });
});
