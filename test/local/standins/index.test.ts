import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startStandIns } from '../../../local/standins/index.ts';
import { START, useStandIns } from './setup.ts';

const rig = useStandIns();

describe('the /local routes', () => {
  test('give the root certificate, which is the one the push service is signed by', () => {
    const answer = rig.standIns.handle('GET', '/local/ca.pem', undefined);
    expect(answer).toMatchObject({ status: 200, contentType: 'application/x-pem-file' });
    const root = new X509Certificate(answer?.body ?? '');
    expect(new X509Certificate(rig.standIns.certificates.serverCertificate).verify(root.publicKey)).toBe(
      true,
    );
  });

  test('begin empty', () => {
    expect(rig.get('/local/apns')).toEqual({ pushes: [] });
    expect(rig.get('/local/messages?since=yesterday')).toEqual({ messages: [] });
  });

  test('leave every other path to others', () => {
    for (const path of ['/local/clock', '/local/idle', '/local/google/objects', '/v1/members', '/']) {
      expect(rig.standIns.handle('GET', path, undefined), path).toBeUndefined();
    }
  });

  test('refuse another method by name, and a body that is no object', () => {
    const answer = rig.standIns.handle('DELETE', '/local/messages', undefined);
    expect(answer).toMatchObject({ status: 405, body: expect.stringContaining('Use GET, not DELETE') });
    expect(rig.standIns.handle('POST', '/local/apns/respond', '[')).toMatchObject({ status: 400 });
    expect(rig.standIns.handle('POST', '/local/apns/respond', undefined)).toMatchObject({ status: 400 });
  });
});

describe('starting', () => {
  test('on a port that is taken is one sentence, and the other ports are let go', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const options = { dataDir: rig.dataDir, clock: () => START };
    const apns = Number(new URL(rig.standIns.apnsUrl).port);
    await rig.standIns.close();
    await expect(startStandIns({ ...options, ports: { apns, messages: port } })).rejects.toThrow(
      `Port ${port} of 127.0.0.1 is taken`,
    );
    rig.standIns = await startStandIns({ ...options, ports: { apns } });
    expect(rig.standIns.apnsUrl).toBe(`https://127.0.0.1:${apns}`);
    taken.close();
  });
});
