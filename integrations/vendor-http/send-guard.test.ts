/** Where a request may go, and what it may carry: attacks on either. */
import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { selfSigned } from "../../tests/stage/certificates.ts";
import { plainAnswer, type RawServer, rawServer } from "../../tests/stage/raw-server.ts";
import type { VendorRequest } from "../plugin.ts";
import { openResolver } from "./resolve-host.ts";
import { openSender, type SendOptions, type SendToVendor, sendToVendor } from "./send.ts";

const LOCALLY: SendOptions = {
  rules: { allowPrivateNetworks: true },
  timeoutMs: 20_000,
  maxBytes: 100_000,
};
const IN_AWS: SendOptions = { ...LOCALLY, rules: { allowPrivateNetworks: false } };
const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../schemas/examples/egress/addresses.json"), "utf8"),
);

const get = (url: string, more: Partial<VendorRequest> = {}): VendorRequest => ({
  method: "GET",
  url,
  headers: {},
  ...more,
});
const outcome = (sending: ReturnType<SendToVendor>): Promise<string> =>
  sending.then(
    ({ status }) => String(status),
    ({ kind, sent }: { kind: string; sent: boolean }) => `${kind} ${sent ? "sent" : "not sent"}`,
  );

const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});
async function serve(...given: Parameters<typeof rawServer>): Promise<RawServer> {
  const server = await rawServer(...given);
  closing.push(server.close);
  return server;
}

describe("an address", () => {
  it("is refused in every spelling that leads inside, and no name server is asked", async () => {
    const asked: string[] = [];
    const send = openSender({
      resolve: async (host) => {
        asked.push(host);
        return [];
      },
    });
    const refused: string[] = Object.values<string[]>(vectors.refused).flat();
    // A request has a query, and a path of any length: no more than that is allowed beyond.
    const isOutside = /^https:\/\/(?:acme\.example|127\.0\.0\.1)[/?][!"$-[\]-~]*$/;
    const inside = refused.filter((url) => !isOutside.test(url));
    expect(refused.length - inside.length).toBeLessThan(20);
    for (const options of [IN_AWS, LOCALLY]) {
      const ends = await Promise.all(inside.map((url) => outcome(send(get(url), options))));
      expect(inside.filter((_, at) => ends[at] !== "BLOCKED not sent")).toEqual([]);
    }
    expect(asked).toEqual([]);
  });

  it.each([
    "https://user:canary@vendor.test/",
    "https://vendor.test@169.254.169.254/",
    "https://vendor.test/#x",
    "https://vendor.test/a b",
    "https://vendor.test/\n",
    "https://vendor.test/\u00e9",
    "https://vendor.test\\@evil.test/",
    "https:vendor.test/",
    "//vendor.test/",
    "file:///etc/passwd",
    "ftp://vendor.test/",
    "https://vendor.test/../admin",
    "https://vendor.test/a/%2e%2E/b",
    "https://vendor.test/a/.%2e",
    "https://vendor.test/a/./b",
    `https://vendor.test/${"a".repeat(20_000)}`,
    "",
  ])("is refused: %s", async (url) => {
    expect(await outcome(sendToVendor(get(url), IN_AWS))).toBe("BLOCKED not sent");
  });

  it("is refused when any of those that a name leads to is inside", async () => {
    for (const ip of vectors.resolved.inside as string[]) {
      for (const found of [[ip], ["93.184.216.34", ip], [ip, "93.184.216.34"]]) {
        const send = openSender({ resolve: async () => found });
        const ended = await outcome(send(get("https://vendor.test/"), IN_AWS));
        expect([ip, ended]).toEqual([ip, "BLOCKED not sent"]);
      }
    }
  });

  it.each([
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "fe80::1",
    "fe80::1%lo",
    "fd00:ec2::254",
    "not an address",
    "169.254.169.254 ",
    "0251.0376.0251.0376",
  ])("is refused in every environment when a name leads to %s", async (ip) => {
    const resolve = async () => [ip];
    for (const [url, options] of [
      ["https://vendor.test/", IN_AWS],
      ["http://vendor.test:8080/", LOCALLY],
    ] as const) {
      const ended = await outcome(openSender({ resolve })(get(url), options));
      if (ip.startsWith("fd00") && options === LOCALLY) expect(ended).not.toBe("200");
      else expect(ended).toBe("BLOCKED not sent");
    }
  });

  it("is asked for once for each connection, which goes to what was judged", async () => {
    const server = await serve((socket) => socket.end(plainAnswer("ok")));
    const answers = [["127.0.0.1"], ["169.254.169.254"]];
    const asked: string[] = [];
    const send = openSender({
      resolve: async (host) => {
        asked.push(host);
        return answers[asked.length - 1] ?? [];
      },
    });
    const url = `http://vendor.test:${server.port}/`;
    expect(await outcome(send(get(url), LOCALLY))).toBe("200");
    await expect.poll(() => server.connections().open).toBe(0);
    expect(await outcome(send(get(url), LOCALLY))).toBe("BLOCKED not sent");
    expect(asked).toEqual(["vendor.test", "vendor.test"]);
    expect(server.requests[0]).toContain(`Host: vendor.test:${server.port}`);
  });

  it("is another's try when one of several does not listen", async () => {
    const server = await serve((socket) => socket.end(plainAnswer("ok")));
    const send = openSender({ resolve: async () => ["127.0.0.9", "::1", "127.0.0.1"] });
    expect(await outcome(send(get(`http://vendor.test:${server.port}/`), LOCALLY))).toBe("200");
  });

  it("is unreachable in the same words whether nobody listens or nobody is there", async () => {
    const gone = await rawServer(() => {});
    await gone.close();
    const send = openSender({ resolve: async (host) => (host === "a.test" ? [] : ["127.0.0.1"]) });
    const errors = await Promise.all(
      ["a.test", "b.test"].map((host) =>
        send(get(`http://${host}:${gone.port}/`), LOCALLY).catch((error: Error) => ({
          ...error,
          text: error.message,
        })),
      ),
    );
    expect(errors[0]).toEqual(errors[1]);
    expect(errors[0]).toMatchObject({ kind: "UNREACHABLE", sent: false });
  });
});

describe("a name server", () => {
  /** Answers each question for an IPv4 address with one, or never. */
  async function nameServer(ip?: string): Promise<string> {
    const server = createSocket("udp4");
    server.on("message", (question, { port, address }) => {
      if (!ip) return;
      const isIpv4 =
        question.readUInt16BE(question.length - 4) === 1 || question.includes("\0\x01\0\x01");
      const head = Buffer.from(question);
      head.writeUInt16BE(0x8180, 2);
      head.writeUInt16BE(isIpv4 ? 1 : 0, 6);
      head.writeUInt16BE(0, 10);
      const end = question.indexOf(0, 12) + 5;
      const record = Buffer.from([
        0xc0,
        12,
        0,
        1,
        0,
        1,
        0,
        0,
        0,
        9,
        0,
        4,
        ...ip.split(".").map(Number),
      ]);
      server.send(
        Buffer.concat([head.subarray(0, end), ...(isIpv4 ? [record] : [])]),
        port,
        address,
      );
    });
    await new Promise<void>((done) => server.bind(0, "127.0.0.1", done));
    closing.push(() => server.close());
    return `127.0.0.1:${server.address().port}`;
  }

  it("is believed as far as the guard goes", async () => {
    const vendor = await serve((socket) => socket.end(plainAnswer("ok")));
    for (const [ip, ended] of [
      ["127.0.0.1", "200"],
      ["169.254.169.254", "BLOCKED not sent"],
    ] as const) {
      const send = openSender({ resolve: openResolver([await nameServer(ip)]) });
      const url = `http://vendor.test:${vendor.port}/`;
      expect(await outcome(send(get(url), LOCALLY))).toBe(ended);
    }
  });

  it("that never answers holds nobody but who asked for it", async () => {
    const vendor = await serve((socket) => socket.end(plainAnswer("ok")));
    const silent = openSender({ resolve: openResolver([await nameServer()]) });
    const held = Array.from({ length: 20 }, (_, at) =>
      outcome(silent(get(`http://vendor${at}.test/`), { ...LOCALLY, timeoutMs: 1_500 })),
    );
    const other = await outcome(sendToVendor(get(`http://localhost:${vendor.port}/`), LOCALLY));
    expect(other).toBe("200");
    const may = ["TIMEOUT not sent", "UNREACHABLE not sent"];
    expect((await Promise.all(held)).filter((ended) => !may.includes(ended))).toEqual([]);
  });
});

describe("a connection that is not made", () => {
  it("ends with the deadline, while the name is looked up, and was not sent", async () => {
    const send = openSender({ resolve: () => new Promise(() => {}) });
    const options = { ...LOCALLY, timeoutMs: 100 };
    expect(await outcome(send(get("http://vendor.test/"), options))).toBe("TIMEOUT not sent");
  });

  it("ends with the deadline, while nobody takes it, and was not sent", async () => {
    // A thread that stands still: the system fills its queue, and drops who comes after.
    const still = new Worker(
      `const server = require("node:net").createServer();
       server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
         require("node:worker_threads").parentPort.postMessage(server.address().port);
         setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
       });`,
      { eval: true },
    );
    closing.push(() => still.terminate());
    const port = await new Promise((told) => still.once("message", told));
    const options = { ...LOCALLY, timeoutMs: 1_000 };
    const ends = await Promise.all(
      Array.from({ length: 8 }, () =>
        outcome(sendToVendor(get(`http://127.0.0.1:${port}/`), options)),
      ),
    );
    expect(ends).toContain("TIMEOUT not sent");
    expect(ends.filter((ended) => !ended.startsWith("TIMEOUT"))).toEqual([]);
  });

  it("ends with the deadline, while TLS is agreed on, and was not sent", async () => {
    const server = await serve(() => {});
    const options = { ...LOCALLY, timeoutMs: 300 };
    const ended = await outcome(sendToVendor(get(`https://localhost:${server.port}/`), options));
    expect(ended).toBe("TIMEOUT not sent");
    await expect.poll(() => server.connections().open).toBe(0);
  });

  it("holds no place in the pool afterwards", async () => {
    let silent = true;
    const server = await serve((socket) => !silent && socket.write(plainAnswer("ok")));
    const send = openSender();
    const held = Array.from({ length: 70 }, (_, at) =>
      outcome(send(get(server.url), { ...LOCALLY, timeoutMs: at < 64 ? 600 : 300 })),
    );
    const ends = await Promise.all(held);
    expect(ends.filter((ended) => ended === "TIMEOUT sent")).toHaveLength(64);
    expect(ends.filter((ended) => ended === "TIMEOUT not sent")).toHaveLength(6);
    // One more may have been made for those that were waiting, and idles.
    await expect.poll(() => server.connections().open).toBeLessThanOrEqual(1);
    silent = false;
    expect(await outcome(send(get(server.url), LOCALLY))).toBe("200");
  });
});

describe("TLS", () => {
  const good = selfSigned("vendor.test");
  const resolve = async () => ["127.0.0.1"];
  async function tlsServer(certificate: { cert: string; key: string }): Promise<number> {
    const server: TlsServer = createTlsServer(certificate, (_, response) => response.end("ok"));
    server.on("tlsClientError", () => {});
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    closing.push(() => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    });
    return (server.address() as { port: number }).port;
  }

  it("is to whom the name says, and kept open", async () => {
    const port = await tlsServer(good);
    const send = openSender({ resolve, ca: good.cert });
    for (let call = 0; call < 3; call += 1)
      expect(await outcome(send(get(`https://vendor.test:${port}/`), LOCALLY))).toBe("200");
  });

  it.each([
    ["by nobody whom we trust", good, "vendor.test", undefined],
    ["for another host", good, "other.test", good.cert],
    ["for a time that is over", selfSigned("vendor.test", -1), "vendor.test", "its own"],
  ] as const)(
    "is refused with a certificate %s, and nothing was sent",
    async (_, own, host, ca) => {
      const port = await tlsServer(own);
      const send = openSender({ resolve, ca: ca === "its own" ? own.cert : ca });
      const ended = await outcome(send(get(`https://${host}:${port}/`), LOCALLY));
      expect(ended).toBe("TLS not sent");
    },
  );

  it("is checked whatever the environment says", async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      const port = await tlsServer(good);
      const ended = await outcome(
        openSender({ resolve })(get(`https://vendor.test:${port}/`), LOCALLY),
      );
      expect(ended).toBe("TLS not sent");
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  it("is not spoken by every server", async () => {
    const plain = await serve(
      () => {},
      (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    );
    const ended = await outcome(sendToVendor(get(`https://localhost:${plain.port}/`), LOCALLY));
    expect(ended).toBe("TLS not sent");
  });
});

describe("a header", () => {
  it.each([
    ["a line break in its value", { x: "a\r\nauthorization: b" }],
    ["a bare line feed", { x: "a\nb" }],
    ["a zero", { x: "a\0b" }],
    ["a letter beyond ASCII, which may become a line break", { x: "\u560d\u560a" }],
    ["a line break in its name", { "x\r\ny": "a" }],
    ["a colon in its name", { "x:y": "a" }],
    ["a blank in its name", { "x ": "a" }],
    ["no name", { "": "a" }],
    ["a name that stands there twice", { Authorization: "a", authorization: "b" }],
    ["another host", { Host: "other.test" }],
    ["a length of its own", { "Content-Length": "0" }],
    ["chunks of its own", { "transfer-encoding": "chunked" }],
    ["what is between us and a proxy", { "Proxy-Authorization": "a" }],
    ["an upgrade", { Connection: "upgrade" }],
    ["a condition that nobody meets", { Expect: "100-continue" }],
    ["a size that no server takes", { x: "a".repeat(20_000) }],
  ])("is refused with %s", async (_, headers) => {
    const server = await serve((socket) => socket.end(plainAnswer("ok")));
    const sent = outcome(
      sendToVendor(get(server.url, { headers: headers as Record<string, string> }), LOCALLY),
    );
    expect(await sent).toBe("BLOCKED not sent");
    expect(server.connections().made).toBe(0);
  });
});

describe("a proxy of the environment", () => {
  it("is not used", async () => {
    const vendor = await serve((socket) => socket.end(plainAnswer("ok")));
    const proxy = await serve((socket) => socket.end(plainAnswer("proxy")));
    const send = JSON.stringify(join(import.meta.dirname, "send.ts"));
    const script = `const { sendToVendor } = await import(${send});
      const request = { method: "GET", url: ${JSON.stringify(vendor.url)}, headers: {} };
      const { body } = await sendToVendor(request, ${JSON.stringify(LOCALLY)});
      process.stdout.write(Buffer.from(body).toString());`;
    const named = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", script],
      {
        env: {
          PATH: process.env.PATH,
          NODE_USE_ENV_PROXY: "1",
          ...Object.fromEntries(named.map((name) => [name, proxy.url])),
        },
      },
    );
    expect([stdout, proxy.connections().made]).toEqual(["ok", 0]);
  });
});
