/**
 * A gateway before a site, which answers 403 to every search that shows an issue of a closed
 * project.
 */
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface Gateway {
  readonly url: string;
  /** The ids of the issues that nobody may search; none opens it again. */
  close(ids: readonly string[]): void;
  stop(): Promise<void>;
}

export async function startGateway(siteUrl: string): Promise<Gateway> {
  let closed = new Set<string>();
  const server = createServer((asked, answer) => {
    const onward = passOn(siteUrl, asked, async (given) => {
      const body = Buffer.concat(await given.toArray());
      const forbidden = isSearch(asked) && given.statusCode === 200 && shows(body, closed);
      if (forbidden)
        answer.writeHead(403).end('{"errorMessages":["No permission to view this project."]}');
      else answer.writeHead(given.statusCode ?? 502, given.headers).end(body);
    });
    onward.once("error", () => answer.destroy());
  });

  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: (ids) => {
      closed = new Set(ids);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((stopped) => server.close(stopped));
    },
  };
}

/**
 * With the Host that the caller knows, so that the site's links lead here; uncompressed, so that it
 * can be read.
 */
function passOn(
  siteUrl: string,
  asked: IncomingMessage,
  onAnswer: (given: IncomingMessage) => void,
) {
  const { "accept-encoding": _, ...headers } = asked.headers;
  const onward = request(
    new URL(asked.url ?? "/", siteUrl),
    { method: asked.method, headers },
    onAnswer,
  );
  return asked.pipe(onward);
}

const isSearch = ({ url = "" }: IncomingMessage) => url.includes("/search/jql");

function shows(body: Buffer, closed: ReadonlySet<string>): boolean {
  const { issues } = JSON.parse(body.toString()) as { issues: { id: string }[] };
  return issues.some(({ id }) => closed.has(id));
}
