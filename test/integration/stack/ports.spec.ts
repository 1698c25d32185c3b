import { expect } from 'chai';
import { createServer, type AddressInfo } from 'node:net';
import { claimPort, freePort, isPortFree } from '../../../bridge/stack/ports.js';

describe('ports of the private stack', () => {
  it('gives the wished port when it is free', async () => {
    const port = await freePort();
    expect(await claimPort(port)).to.equal(port);
  });

  it('gives another one and says so when the wished one is taken or promised', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as AddressInfo;
    const said: number[][] = [];
    const got = await claimPort(port, { reserved: new Set([port + 1]), onTaken: (...both) => void said.push(both) });
    expect(got).to.not.be.oneOf([port, port + 1]);
    expect(said).to.deep.equal([[port, got]]);
    expect(await isPortFree(port)).to.equal(false);
    squatter.close();
  });

  it('finds one when there is none above the wished one', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(65_535, '127.0.0.1', resolve)).catch(() => undefined);
    expect(await isPortFree(await claimPort(65_535))).to.equal(true);
    squatter.close();
  });
});
