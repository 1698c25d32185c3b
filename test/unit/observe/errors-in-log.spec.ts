import { Writable } from 'node:stream';
import { expect } from 'chai';
import { createLog } from '../../../bridge/observe/log.js';

describe('an error in the log', () => {
  const logged = (error: unknown): Record<string, unknown> => {
    let text = '';
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    createLog('trace', stream).error({ err: error }, 'failed');
    return (JSON.parse(text) as { err: Record<string, unknown> }).err;
  };

  it('says what failed and where, without what the library was doing', () => {
    const inner = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', headers: 'geheim' });
    const error = Object.assign(new TypeError('no answer', { cause: inner }), { config: { auth: 'geheim' } });
    const { stack, cause, ...rest } = logged(error);
    expect(rest).to.deep.equal({ type: 'TypeError', message: 'no answer' });
    expect(stack).to.contain('errors-in-log.spec.ts');
    expect(cause).to.include({ type: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' });
    expect(JSON.stringify(logged(error))).to.not.contain('geheim');
  });

  it('of the database names the key, and nothing of the statement and its values', () => {
    const message = "Duplicate entry '7-geheim for key 'x'' for key 'messages_sender_key'";
    const error = Object.assign(new Error(message), {
      ...{ code: 'ER_DUP_ENTRY', errno: 1062, sqlState: '23000', sqlMessage: message },
      sql: "INSERT INTO messages VALUES ('geheim')",
    });
    expect(JSON.stringify(logged(error))).to.not.contain('geheim');
    expect(logged(error)['message']).to.equal("ER_DUP_ENTRY: error 1062 of the database for key 'messages_sender_key'");
    const login = Object.assign(new Error("Access denied for user 'foyer'@'localhost'"), {
      ...{ code: 'ER_ACCESS_DENIED_ERROR', errno: 1045, sqlState: '28000' },
    });
    expect(logged(login)['message']).to.equal("Access denied for user 'foyer'@'localhost'");
  });

  it('that isn’t one isn’t printed', () => {
    expect(logged('geheim')).to.deep.equal({ type: 'string' });
  });
});
