import { once } from "node:events";
import { createServer } from "node:http";
import { Worker } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { plainAnswer, type RawServer, rawServer } from "../../tests/stage/raw-server.ts";
import type { VendorRequest } from "../plugin.ts";
import { openSender, type SendOptions, sendToVendor } from "./send.ts";
import { VendorError } from "./vendor-error.ts";

const LOCALLY = { allowPrivateNetworks: true };
const OPTIONS: SendOptions = { rules: LOCALLY, timeoutMs: 20_000, maxBytes: 100_000 };
const get = (url: string, more: Partial<VendorRequest> = {}): VendorRequest => ({
  method: "GET",
  url,
  headers: {},
  ...more,
});
const failed = (sending: Promise<unknown>): Promise<VendorError> =>
  sending.then(
    () => expect.unreachable(),
    (error: unknown) => {
      expect(error).toBeInstanceOf(VendorError);
      return error as VendorError;
    },
  );
const text = (body: Uint8Array) => Buffer.from(body).toString();

/** A server of its own thread that closes each connection a moment after its answer. */
const CLOSES_SOON = `
  const { createServer } = require("node:http");
  const server = createServer((request, response) => {
    response.end("ok");
    setTimeout(() => request.socket.destroy(), 50);
  });
  server.listen(0, "127.0.0.1", () => {
    require("node:worker_threads").parentPort.postMessage(server.address().port);
  });
`;

const opened: RawServer[] = [];
const serve: typeof rawServer = async (...given) => {
  const server = await rawServer(...given);
  opened.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

describe("a request to a vendor", () => {
  it("brings back status, headers and body", async () => {
    const server = await serve((socket) =>
      socket.write(plainAnswer("hello", "ETag: W/1\r\nRetry-After: 7\r\n", "404 Not Found")),
    );
    const answer = await sendToVendor(get(`${server.url}/a?b=c%20d`), OPTIONS);
    expect({ ...answer, body: text(answer.body) }).toEqual({
      status: 404,
      headers: { etag: "W/1", "retry-after": "7" },
      body: "hello",
    });
    expect(server.requests[0]).toContain("GET /a?b=c%20d HTTP/1.1\r\n");
  });

  it("carries method, headers and the bytes of the body", async () => {
    const bodies: Buffer[] = [];
    const server = createServer((request, response) => {
      request.on("data", (piece: Buffer) => bodies.push(piece));
      request.on("end", () => response.end(JSON.stringify([request.method, request.headers])));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    const body = Uint8Array.from({ length: 1000 }, (_, at) => at % 256);
    const answer = await sendToVendor(
      get(`http://127.0.0.1:${port}/`, { method: "PUT", headers: { Authorization: "x" }, body }),
      OPTIONS,
    );
    server.closeAllConnections();
    server.close();
    const [method, headers] = JSON.parse(text(answer.body));
    expect(method).toBe("PUT");
    expect(headers).toMatchObject({ authorization: "x", "content-length": "1000" });
    expect(Buffer.concat(bodies).equals(body)).toBe(true);
  });

  it("uses one connection for calls one after another, and several at once", async () => {
    const server = await serve((socket) => socket.write(plainAnswer("ok")));
    for (let call = 0; call < 5; call += 1) await sendToVendor(get(server.url), OPTIONS);
    expect(server.connections().made).toBe(1);
    await Promise.all(Array.from({ length: 5 }, () => sendToVendor(get(server.url), OPTIONS)));
    expect(server.connections().made).toBe(5);
  });

  it("holds at most 64 connections to a host; the others wait for their turn", async () => {
    const waiting: (() => void)[] = [];
    const server = await serve((socket) => waiting.push(() => socket.write(plainAnswer("ok"))));
    const calls = Array.from({ length: 80 }, () => sendToVendor(get(server.url), OPTIONS));
    await expect.poll(() => waiting.length).toBe(64);
    expect(server.connections().made).toBe(64);
    for (const answer of waiting.splice(0)) answer();
    await expect.poll(() => waiting.length).toBe(16);
    for (const answer of waiting.splice(0)) answer();
    await Promise.all(calls);
    expect(server.connections().made).toBe(64);
  });

  it("notices that its server closed the connection while this process stood still", async () => {
    const server = new Worker(CLOSES_SOON, { eval: true });
    const [port] = await once(server, "message");
    for (let call = 0; call < 3; call += 1) {
      await sendToVendor(get(`http://127.0.0.1:${port}`, { method: "POST" }), OPTIONS);
      // As a Lambda between two invocations: no event is seen, the clock goes on.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    }
    await server.terminate();
  });

  it("is not made again where it may have been carried out", async () => {
    let calls = 0;
    const server = await serve((socket) => {
      calls += 1;
      if (calls === 1) socket.write(plainAnswer("ok"));
      else socket.destroy();
    });
    await sendToVendor(get(server.url), OPTIONS);
    const error = await failed(sendToVendor(get(server.url, { method: "POST" }), OPTIONS));
    expect([error.kind, error.sent]).toEqual(["UNREACHABLE", true]);
    expect(server.requests).toHaveLength(2);
  });

  it("follows no redirect", async () => {
    const other = await serve((socket) => socket.write(plainAnswer("secret")));
    const server = await serve((socket) =>
      socket.write(plainAnswer("", `Location: ${other.url}/latest/meta-data\r\n`, "302 Found")),
    );
    const answer = await sendToVendor(
      get(server.url, { headers: { authorization: "Bearer canary" } }),
      OPTIONS,
    );
    expect([answer.status, answer.headers.location]).toEqual([
      302,
      `${other.url}/latest/meta-data`,
    ]);
    expect(other.connections().made).toBe(0);
  });

  it("decompresses", async () => {
    const body = gzipSync("x".repeat(50_000)).toString("latin1");
    const server = await serve((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n`);
      socket.write(`content-length: ${body.length}\r\n\r\n`);
      socket.write(body, "latin1");
    });
    const answer = await sendToVendor(get(server.url), OPTIONS);
    expect(text(answer.body)).toBe("x".repeat(50_000));
  });

  it.each(["204 No Content", "304 Not Modified", "200 OK"])(
    "reads %s without a body, whatever its encoding is said to be",
    async (status) => {
      const server = await serve((socket) =>
        socket.write(plainAnswer("", "content-encoding: gzip\r\n", status)),
      );
      const answer = await sendToVendor(get(server.url), OPTIONS);
      expect([answer.status, answer.body.length]).toEqual([Number(status.slice(0, 3)), 0]);
    },
  );

  it("answers HEAD with headers alone", async () => {
    const server = await serve((socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 70000\r\netag: 1\r\n\r\n"),
    );
    const answer = await sendToVendor(get(server.url, { method: "HEAD" }), OPTIONS);
    expect([answer.headers.etag, answer.body.length]).toEqual(["1", 0]);
  });

  it("shows no cookie, nothing of the connection and nothing of AWS's signatures", async () => {
    const headers = "Set-Cookie: a=b\r\nSet-Cookie: c=d\r\nConnection: keep-alive\r\n";
    const more = "X-Amz-Security-Token: canary\r\nX-Session-Token: canary\r\nLink: <a>\r\n";
    const server = await serve((socket) => socket.write(plainAnswer("", headers + more)));
    const answer = await sendToVendor(get(server.url), OPTIONS);
    expect(answer.headers).toEqual({ link: "<a>" });
  });
});

describe("the end of a request", () => {
  it("comes with the caller's signal, and closes the connection", async () => {
    const server = await serve(() => {});
    const caller = new AbortController();
    const sending = failed(sendToVendor(get(server.url), { ...OPTIONS, signal: caller.signal }));
    await expect.poll(() => server.requests.length).toBe(1);
    caller.abort(new Error("canary"));
    const error = await sending;
    expect([error.kind, error.sent]).toEqual(["CANCELLED", true]);
    await expect.poll(() => server.connections().open).toBe(0);
  });

  it("comes before it begins when the signal did", async () => {
    const server = await serve(() => {});
    const options = { ...OPTIONS, signal: AbortSignal.abort() };
    const error = await failed(sendToVendor(get(server.url), options));
    expect([error.kind, error.sent]).toEqual(["CANCELLED", false]);
    expect(server.connections().made).toBe(0);
  });

  it("comes in the midst of a body, too", async () => {
    const server = await serve((socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"),
    );
    const error = await failed(sendToVendor(get(server.url), { ...OPTIONS, timeoutMs: 200 }));
    expect([error.kind, error.sent]).toEqual(["TIMEOUT", true]);
    await expect.poll(() => server.connections().open).toBe(0);
  });

  it("says nothing of what was sent, asked or found", async () => {
    const resolve = () => Promise.reject(new Error("canary.internal 10.0.0.7"));
    const error = await failed(openSender({ resolve })(get("http://canary.test/canary"), OPTIONS));
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain("canary");
    expect(error.kind).toBe("UNREACHABLE");
  });
});
