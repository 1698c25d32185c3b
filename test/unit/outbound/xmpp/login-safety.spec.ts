import { expect } from 'chai';
import { pickMechanism } from '../../../../bridge/outbound/xmpp/negotiation.js';
import { isLoopback, tlsOptions } from '../../../../bridge/outbound/xmpp/server.js';
import { SessionError, toSessionError } from '../../../../bridge/outbound/xmpp/session-error.js';

describe('a login', () => {
  it('sends the password itself only where nobody can listen in', () => {
    expect(pickMechanism(['SCRAM-SHA-1', 'PLAIN'], true)).to.equal('PLAIN');
    expect(pickMechanism(['SCRAM-SHA-1', 'PLAIN'], false)).to.equal('SCRAM-SHA-1');
    expect(() => pickMechanism(['PLAIN', 'X-OAUTH2'], false)).to.throw(SessionError, /safe/);
  });

  it('takes only loopback addresses for loopback', () => {
    for (const address of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) {
      expect(isLoopback(address), address).to.equal(true);
    }
    for (const address of ['127.0.0.1.example.org', '128.0.0.1', '10.0.0.1', '', undefined, 'localhost']) {
      expect(isLoopback(address), String(address)).to.equal(false);
    }
  });

  it('checks the certificate for the virtual host unless told not to', () => {
    expect(tlsOptions({ service: 'xmpps://x' }, 'example.org')).to.deep.equal({
      servername: 'example.org',
      rejectUnauthorized: true,
    });
    expect(tlsOptions({ service: 'xmpps://x', tls: { verify: false } }, 'h').rejectUnauthorized).to.equal(false);
  });

  it('tells a refused account from a server that is away', () => {
    const named = (name: string, condition: string) => Object.assign(new Error(condition), { name, condition });
    expect(toSessionError(named('SASLError', 'not-authorized')).code).to.equal('not-authorized');
    expect(toSessionError(named('SASLError', 'temporary-auth-failure')).code).to.equal('unreachable');
    expect(toSessionError(named('StreamError', 'conflict')).code).to.equal('conflict');
    expect(toSessionError(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })).code).to.equal('unreachable');
  });
});
