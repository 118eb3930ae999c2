import { join } from 'node:path';

import { type Client, credentials, loadPackageDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

import { root } from '../programs.js';
import { atEnd } from '../scratch.js';

/** A CRI server, called as the kubelet calls it. What a call is given and gives back is in `runtime-v1.proto`. */
export interface RuntimeService {
  call<Answer>(method: string, request: object): Promise<Answer>;
}

/** @param socket - the server's unix socket */
export function runtimeService(socket: string): RuntimeService {
  const definition = loadSync(join(root, 'test/blackbox/cri/runtime-v1.proto'), {
    keepCase: true,
    // 0 is what a number is that is not sent.
    defaults: true,
  });
  const { runtime } = loadPackageDefinition(definition) as unknown as {
    runtime: { v1: { RuntimeService: new (address: string, credentials: object) => Client } };
  };
  const client = new runtime.v1.RuntimeService(`unix://${socket}`, credentials.createInsecure());
  atEnd(() => client.close());
  const methods = client as unknown as Record<
    string,
    (request: object, done: (error: ServiceError | null, answer: never) => void) => void
  >;
  const callOnce = <Answer>(method: string, request: object) =>
    new Promise<Answer>((resolve, reject) => {
      const send = methods[method];
      if (send === undefined) throw new Error(`runtime-v1.proto has no ${method}`);
      send.call(client, request, (error, answer) => (error === null ? resolve(answer) : reject(error)));
    });
  return {
    // The kubelet, too, tries again where the connection is that of a server that was started anew meanwhile.
    call: (method, request) =>
      callOnce<never>(method, request).catch((error: ServiceError) => {
        if (error.code !== status.UNAVAILABLE) throw error;
        return callOnce(method, request);
      }),
  };
}
