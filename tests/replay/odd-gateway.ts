/**
 * A gateway before a recorded site, which answers what the recording never does: refusals, answers
 * that leave something out, records that make no sense.
 */
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What the site answered, and what was asked for. */
export interface Given {
  readonly asked: string;
  readonly body: string;
  readonly status: number;
}

/** Another answer; undefined for the site's own. */
export type Change = (given: Given) => { status?: number; body: string } | undefined;

export interface OddGateway {
  readonly url: string;
  /** Changes the answers of a path from now on; what it returns ends that. */
  odd(path: string, change: Change): () => void;
  stop(): Promise<void>;
}

interface Oddity {
  readonly path: string;
  readonly change: Change;
}

export async function startOddGateway(siteUrl: string): Promise<OddGateway> {
  const oddities = new Set<Oddity>();
  const server = createServer(async (asked, answer) => {
    try {
      const body = await text(asked);
      const own = await passedOn(siteUrl, asked, body);
      const path = new URL(asked.url ?? "/", siteUrl).pathname;
      const given = { asked: body || (asked.url ?? ""), body: own.body, status: own.status };
      const found = [...oddities].filter((one) => path.endsWith(one.path));
      const changed = found.map(({ change }) => change(given)).find((one) => one !== undefined);
      const { status = 200, body: shown } = changed ?? own;
      answer.writeHead(status, { "content-type": "application/json" }).end(shown);
    } catch {
      answer.destroy();
    }
  });

  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    odd: (path, change) => {
      const oddity = { path, change };
      oddities.add(oddity);
      return () => oddities.delete(oddity);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((stopped) => server.close(stopped));
    },
  };
}

/** With the Host that the caller knows, so that the site's links lead here; uncompressed. */
function passedOn(
  siteUrl: string,
  asked: IncomingMessage,
  body: string,
): Promise<{ status: number; body: string }> {
  const { "accept-encoding": _, ...headers } = asked.headers;
  return new Promise((resolve, reject) => {
    const url = new URL(asked.url ?? "/", siteUrl);
    const onward = request(url, { method: asked.method, headers }, async (given) =>
      text(given).then(
        (shown) => resolve({ status: given.statusCode ?? 502, body: shown }),
        reject,
      ),
    );
    onward.once("error", reject);
    onward.end(body);
  });
}
