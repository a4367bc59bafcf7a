/** Vendors that mean harm: each answer costs bounded memory and time, and no connection stays. */
import type { Socket } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { plainAnswer, type RawServer, rawServer } from "../../tests/stage/raw-server.ts";
import type { VendorRequest } from "../plugin.ts";
import { type SendOptions, sendToVendor } from "./send.ts";

const OPTIONS: SendOptions = {
  rules: { allowPrivateNetworks: true },
  timeoutMs: 20_000,
  maxBytes: 100_000,
};
const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const GZIPPED = `${OK}content-encoding: gzip\r\nconnection: close\r\n\r\n`;

const opened: RawServer[] = [];
async function serve(answer: (socket: Socket) => void): Promise<RawServer> {
  const server = await rawServer(answer);
  opened.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

/** Writes until nobody takes it any more; resolves with the bytes that were written. */
function flood(socket: Socket, piece: string | Buffer): void {
  const next = () => {
    while (!socket.destroyed && socket.write(piece));
    if (!socket.destroyed) socket.once("drain", next);
  };
  next();
}

/** A byte at a time, for ever. */
function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => {
    socket.write(text[at % text.length] ?? "");
    at += 1;
  }, 5);
  socket.once("close", () => clearInterval(timer));
}

function asked(server: RawServer, more: Partial<SendOptions> = {}): Promise<string> {
  const request: VendorRequest = { method: "POST", url: server.url, headers: {}, body: "{}" };
  return sendToVendor(request, { ...OPTIONS, ...more }).then(
    ({ status }) => String(status),
    ({ kind, sent }: { kind: string; sent: boolean }) => `${kind} ${sent ? "sent" : "not sent"}`,
  );
}

/** The same, and no connection is left. */
async function ends(server: RawServer, more: Partial<SendOptions> = {}): Promise<string> {
  const ended = await asked(server, more);
  await expect.poll(() => server.connections().open).toBe(0);
  return ended;
}

describe("an answer without end", () => {
  const gzipOfNothing = gzipSync("");
  const floods: [string, string, string | Buffer][] = [
    ["a status line", "", "HTTP/1.1 200 "],
    ["one header", `${OK}x: `, "a".repeat(1000)],
    ["headers", OK, "x: y\r\n"],
    ["cookies", OK, "set-cookie: y\r\n"],
    ["early hints", "", "HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n"],
    ["a body with a length", `${OK}content-length: 999999999\r\n\r\n`, "a".repeat(1000)],
    ["a body until the end", `${OK}\r\n`, "a".repeat(1000)],
    ["chunks", CHUNKED, `3e8\r\n${"a".repeat(1000)}\r\n`],
    ["chunks of one byte", CHUNKED, "1\r\na\r\n".repeat(1000)],
    ["chunk extensions", `${CHUNKED}1;`, "a=b;".repeat(1000)],
    ["a chunk's length", CHUNKED, "0".repeat(1000)],
    ["trailers", `${CHUNKED}0\r\n`, "x: y\r\n"],
    ["empty members of gzip", GZIPPED, Buffer.concat(Array(100).fill(gzipOfNothing))],
    ["gzip that becomes a thousand times as large", GZIPPED, gzipSync(Buffer.alloc(10_000_000))],
  ];

  it.each(floods)("is cut: %s", async (_, begin, piece) => {
    const server = await serve((socket) => {
      socket.write(begin);
      flood(socket, piece);
    });
    expect(await ends(server)).toMatch(/^(?:TOO_LARGE|UNREACHABLE) sent$/);
  });

  it("is too large where it grows, and no failure of the vendor's", async () => {
    for (const [name, begin, piece] of floods.slice(5, 9)) {
      const server = await serve((socket) => {
        socket.write(begin);
        flood(socket, piece);
      });
      expect([name, await ends(server)]).toEqual([name, "TOO_LARGE sent"]);
    }
  });

  it.each([
    ["gzip", gzipSync(Buffer.alloc(50_000_000))],
    ["br", brotliCompressSync(Buffer.alloc(50_000_000))],
    ["x-gzip", gzipSync(Buffer.alloc(50_000_000))],
  ])("is not decompressed beyond its bound: %s", async (encoding, bomb) => {
    const before = process.memoryUsage().arrayBuffers;
    const server = await serve((socket) => {
      socket.write(`${OK}content-encoding: ${encoding}\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.write(bomb);
    });
    expect(await asked(server)).toBe("TOO_LARGE sent");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });

  it("is read to its last allowed byte", async () => {
    const server = await serve((socket) => socket.end(plainAnswer("a".repeat(100_000))));
    expect(await ends(server)).toBe("200");
    const chunks = await serve((socket) =>
      socket.end(`${CHUNKED}${"a\r\n0123456789\r\n".repeat(10_000)}0\r\n\r\n`),
    );
    expect(await ends(chunks)).toBe("200");
  });
});

describe("an answer that drips", () => {
  it.each([
    ["its status line", "", "HTTP/1.1 200 OKKKKKKKKKKKKKK"],
    ["its headers", OK, "x: y\r\n"],
    ["its body", `${OK}content-length: 1000000\r\n\r\n`, "a"],
    ["its chunks", CHUNKED, "1\r\na\r\n"],
    ["its gzip", GZIPPED, gzipSync("").toString("latin1")],
  ])("ends with the deadline: %s", async (_, begin, text) => {
    const server = await serve((socket) => {
      socket.write(begin);
      drip(socket, text);
    });
    expect(await ends(server, { timeoutMs: 150 })).toMatch(/^(?:TIMEOUT|UNREACHABLE) sent$/);
  });
});

describe("an answer that is none", () => {
  const gzip = gzipSync("x".repeat(1000)).toString("latin1");
  it.each([
    ["another protocol", "220 mail.vendor.test ESMTP\r\n"],
    ["nothing", ""],
    ["two lengths", `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab`],
    [
      "a length and chunks",
      `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ["a body that is cut", `${OK}content-length: 10\r\n\r\nabc`],
    ["chunks that are cut", `${CHUNKED}5\r\nabc`],
    ["chunks without a last one", `${CHUNKED}1\r\na\r\n`],
    ["a chunk of negative length", `${CHUNKED}-1\r\na\r\n`],
    ["gzip that is cut", GZIPPED + gzip.slice(0, 20)],
    ["gzip that is none", `${GZIPPED}hello`],
    ["an unknown encoding", `${OK}content-encoding: rot13\r\ncontent-length: 1\r\n\r\na`],
    ["an encoding named like a member of objects", `${OK}content-encoding: constructor\r\n\r\na`],
    [
      "another protocol from here on",
      "HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    ],
    ["a header with a line that goes on", `${OK}x: a\r\n b\r\ny\0: z\r\n\r\n`],
  ])("is an answer that broke off: %s", async (_, text) => {
    const server = await serve((socket) => socket.end(text, "latin1"));
    expect(await ends(server)).toBe("UNREACHABLE sent");
  });

  it("leaves nothing behind that the next call would read", async () => {
    const server = await serve((socket) => {
      socket.write(plainAnswer("one") + plainAnswer("smuggled", "", "500 No"));
    });
    const request: VendorRequest = { method: "GET", url: server.url, headers: {} };
    for (let call = 0; call < 5; call += 1) {
      const { status, body } = await sendToVendor(request, OPTIONS);
      expect([status, Buffer.from(body).toString()]).toEqual([200, "one"]);
    }
  });
});
