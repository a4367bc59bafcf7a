/** Servers on loopback that speak byte by byte, for what no library would send. */
import { createServer, type Server, type Socket } from "node:net";

export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** Requests whose head arrived, as text. */
  readonly requests: string[];
  /** Connections that were made, and those that are open now. */
  readonly connections: () => { readonly made: number; readonly open: number };
  readonly close: () => Promise<void>;
}

/** `answer` is called for each head of a request; a body that follows it is `rest`. */
export async function rawServer(
  answer: (socket: Socket, head: string, rest: Buffer) => void,
  connected: (socket: Socket) => void = () => {},
): Promise<RawServer> {
  const requests: string[] = [];
  const open = new Set<Socket>();
  let made = 0;

  const server: Server = createServer((socket) => {
    made += 1;
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => {});
    connected(socket);
    let seen = Buffer.alloc(0);
    socket.on("data", (piece: Buffer) => {
      seen = Buffer.concat([seen, piece]);
      const end = seen.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = seen.subarray(0, end).toString("latin1");
      const rest = seen.subarray(end + 4);
      seen = Buffer.alloc(0);
      requests.push(head);
      answer(socket, head, rest);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));

  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => ({ made, open: open.size }),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** A whole answer of HTTP/1.1 with its length. */
export function plainAnswer(body: string, headers = "", status = "200 OK"): string {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return `HTTP/1.1 ${status}\r\n${length}\r\n${headers}\r\n${body}`;
}
