import { describe, expect, it } from "vitest";
import { temporalSettings } from "./connection.ts";

const address = "ns.acct.tmprl.cloud:7233";

describe("temporalSettings", () => {
  it("connects without TLS where the secret names no proof", () => {
    expect(
      temporalSettings(JSON.stringify({ address: "127.0.0.1:7233", namespace: "default" })),
    ).toEqual({
      namespace: "default",
      connection: { address: "127.0.0.1:7233" },
    });
  });

  it("uses TLS with an API key, and names the namespace", () => {
    const { connection } = temporalSettings(
      JSON.stringify({ address, namespace: "ns.acct", apiKey: "k" }),
    );
    expect(connection).toEqual({
      address,
      apiKey: "k",
      tls: true,
      metadata: { "temporal-namespace": "ns.acct" },
    });
  });

  it("uses the client certificate", () => {
    const { connection } = temporalSettings(
      JSON.stringify({ address, namespace: "ns.acct", cert: "C", key: "K" }),
    );
    expect(connection.tls).toEqual({
      clientCertPair: { crt: Buffer.from("C"), key: Buffer.from("K") },
    });
  });

  it.each([
    ["text", "hunter2", /is not JSON/],
    ["an address without port", JSON.stringify({ address: "x", namespace: "n" }), /address/],
    [
      "a certificate without key",
      JSON.stringify({ address, namespace: "n", cert: "hunter2" }),
      /only one of cert and key/,
    ],
    [
      "an unknown field",
      JSON.stringify({ address, namespace: "n", password: "hunter2" }),
      /password/,
    ],
  ])("refuses %s without quoting a value", (_, secret, message) => {
    expect(() => temporalSettings(secret)).toThrow(message);
    expect(() => temporalSettings(secret)).not.toThrow(/hunter2/);
  });
});
