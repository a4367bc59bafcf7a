/**
 * A Jira site of plain issues for benchmarks: any number of them costs no memory, since each is
 * reckoned from its number, and an answer costs little, since it is joined from parts. Nothing is
 * odd about it: contestants that a lone surrogate would stop can read it.
 *
 *     node bench/peers/plain-site.ts --issues 50000 --bytes 8300
 *
 * Prints `listening on http://127.0.0.1:…`. `GET /__control/stats` says what it saw, `POST
 * /__control/touch {"count": n}` changes n issues spread over all.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { parseArgs } from "node:util";
import { FIELDS, ISSUE_TYPES, PRIORITIES, STATUSES } from "../../local/sandbox/jira/catalogue.ts";
import { selectFields } from "../../local/sandbox/jira/field-selection.ts";
import { PlainIssues } from "./plain-issues.ts";

const PROJECT = { id: "10000", key: "BENCH", name: "Bench", projectTypeKey: "software" };
const MAX_IDS = 5_000;
const MAX_WITH_FIELDS = 100;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    issues: { type: "string", default: "50000" },
    bytes: { type: "string", default: "8300" },
  },
});
const issues = new PlainIssues(Number(values.issues), Number(values.bytes));
let requests = 0;

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", "http://site");
  if (url.pathname.startsWith("/__control/")) return control(url, request, response);

  requests += 1;
  const answer = answerTo(url, await bodyOf(request));
  const status = answer === undefined ? 404 : 200;
  response.writeHead(status, { "content-type": "application/json" }).end(answer ?? "{}");
});
server.keepAliveTimeout = 60_000;
server.listen(Number(values.port), "127.0.0.1", () => {
  const address = server.address();
  console.log(`listening on http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
});
process.on("SIGTERM", () => process.exit(0));

async function control(url: URL, request: IncomingMessage, response: ServerResponse) {
  if (url.pathname === "/__control/touch") issues.touch((await bodyOf(request)).count);
  response.end(JSON.stringify({ requestsByRoute: { all: requests } }));
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of whoever asks
async function bodyOf(request: IncomingMessage): Promise<any> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length === 0 ? {} : JSON.parse(Buffer.concat(parts).toString());
}

function answerTo(
  url: URL,
  // biome-ignore lint/suspicious/noExplicitAny: JSON of whoever asks
  asked: any,
): string | Buffer | undefined {
  const path = url.pathname.replace("/rest/api/3", "");
  const now = new Date().toISOString().replace("Z", "+0000");
  switch (path) {
    case "/search/jql":
      return search(url.searchParams.has("jql") ? fromQuery(url.searchParams) : asked);
    case "/search/approximate-count":
      return JSON.stringify({ count: issues.found(asked.jql).length });
    case "/issue/bulkfetch": {
      const numbers = asked.issueIdsOrKeys.map(Number).sort((a: number, b: number) => a - b);
      const selection = selectFields(asked.fields ?? [], "*navigable");
      return `{"issues":[${issues.ofIds(numbers, selection)}],"issueErrors":[]}`;
    }
    case "/project/search":
      return JSON.stringify({
        startAt: 0,
        maxResults: 50,
        total: 1,
        isLast: true,
        values: [PROJECT],
      });
    case "/serverInfo":
      return JSON.stringify({ baseUrl: "https://bench.example", serverTime: now });
    case "/_edge/tenant_info":
      return JSON.stringify({ cloudId: "b".repeat(32) });
    case "/myself":
      return JSON.stringify({ accountId: "bench", timeZone: "UTC", active: true });
    case "/users/search":
      return url.searchParams.get("startAt") === "0"
        ? JSON.stringify([{ accountId: "bench", displayName: "Bench", active: true }])
        : "[]";
    case "/field":
      return JSON.stringify(FIELDS);
    case "/issuetype":
      return JSON.stringify(ISSUE_TYPES);
    case "/status":
      return JSON.stringify(STATUSES);
    case "/priority":
      return JSON.stringify(PRIORITIES);
    default:
      return undefined;
  }
}

type Search = { jql: string; fields?: string[]; maxResults?: number; nextPageToken?: string };

function fromQuery(query: URLSearchParams): Search {
  const token = query.get("nextPageToken");
  return {
    jql: query.get("jql") ?? "",
    fields: query.getAll("fields").flatMap((names) => names.split(",")),
    maxResults: Number(query.get("maxResults") ?? 50),
    ...(token === null ? {} : { nextPageToken: token }),
  };
}

function search({ jql, fields = [], maxResults = 50, nextPageToken = "0" }: Search): string {
  const selection = selectFields(fields, "id");
  const limit = Math.min(maxResults, selection.wantsMore ? MAX_WITH_FIELDS : MAX_IDS);
  const found = issues.found(jql);
  const from = Number(nextPageToken);
  const to = Math.min(from + limit, found.length);

  const shown = Array.from({ length: Math.max(0, to - from) }, (_, n) => found.at(from + n));
  const end = to < found.length ? `"nextPageToken":"${to}","isLast":false` : '"isLast":true';
  return `{"issues":[${issues.rendered(shown, selection)}],${end}}`;
}
