/** Files and the commits that change them. */
import { type Answer, json } from "../site/answer.ts";
import { invalid, notFound } from "./refusals.ts";
import {
  paged,
  type RepositoryCall,
  refusedWith,
  repositoryRoute,
  timeOf,
} from "./repository-route.ts";
import { type Branch, DEFAULT_BRANCH, type Route, shaOf } from "./state.ts";

/** Of a larger file, no content is given. */
const MOST_CONTENT = 1_000_000;

export const contentRoutes: Route[] = [
  repositoryRoute("GET", "/contents/{+path}", read),
  repositoryRoute("PUT", "/contents/{+path}", write),
  repositoryRoute("GET", "/commits", listCommits),
];

function read(call: RepositoryCall): Answer {
  const path = pathOf(call);
  const { files } = branchOf(call, call.query.get("ref"));
  const bytes = files.get(path);
  if (bytes !== undefined) return json(file(path, bytes, true));

  const inside = [...files].filter(([name]) => name.startsWith(`${path}/`));
  if (inside.length === 0) throw notFound();
  return json(inside.map(([name, content]) => file(name, content, false)));
}

function write(call: RepositoryCall): Answer {
  const { message, content, sha, branch } = call.input;
  if (typeof message !== "string" || message === "")
    return invalid("Commit", "message", "missing_field");
  if (typeof content !== "string") return invalid("Commit", "content", "missing_field");

  const path = pathOf(call);
  const target = branchOf(call, branch as string | undefined);
  const known = target.files.get(path);
  if (known !== undefined && sha === undefined)
    return refusedWith(422, `Invalid request. "sha" wasn't supplied.`);
  if (sha !== undefined && (known === undefined || shaOf("blob", known) !== sha))
    return refusedWith(409, `${path} does not match ${String(sha)}`);

  const bytes = Buffer.from(content, "base64");
  const at = call.sandbox.now();
  const id = shaOf("commit", `${message} ${at} ${call.sandbox.nextId++}`);
  target.files.set(path, bytes);
  const author = call.sandbox.login;
  target.commits.unshift({ sha: id, message, author, atMs: at, paths: [path] });
  const commit = { sha: id, message, html_url: `https://github.com/commit/${id}` };
  return json({ content: file(path, bytes, false), commit }, known === undefined ? 201 : 200);
}

function listCommits(call: RepositoryCall): Answer {
  const { query } = call;
  const [path, author] = [query.get("path"), query.get("author")];
  const since = Date.parse(query.get("since") ?? "") || 0;
  const until = Date.parse(query.get("until") ?? "") || Number.POSITIVE_INFINITY;

  const found = branchOf(call, query.get("sha")).commits.filter(
    (commit) =>
      (path === null || commit.paths.some((one) => one === path || one.startsWith(`${path}/`))) &&
      (author === null || commit.author === author) &&
      commit.atMs >= since &&
      commit.atMs <= until,
  );
  return paged(
    call,
    found.map(({ sha, message, author: name, atMs }) => ({
      sha,
      commit: { message, author: { name, date: timeOf(atMs) } },
      html_url: `https://github.com/commit/${sha}`,
    })),
  );
}

function branchOf({ repository }: RepositoryCall, name: string | null | undefined): Branch {
  const branch = repository.branches.get(name ?? DEFAULT_BRANCH);
  if (branch === undefined) throw notFound();
  return branch;
}

function pathOf({ path }: RepositoryCall): string {
  return (path.path ?? "").split("/").map(decodeURIComponent).join("/");
}

/** Base64 comes in lines, as mail has it; the address holds a token, as of a private repository. */
function file(path: string, bytes: Buffer, withContent: boolean) {
  const shownContent = bytes.length <= MOST_CONTENT;
  const lines = bytes.toString("base64").replaceAll(/(.{60})/g, "$1\n");
  const content = {
    encoding: shownContent ? "base64" : "none",
    content: shownContent ? `${lines}\n` : "",
  };

  return {
    type: "file",
    name: path.split("/").at(-1),
    path,
    sha: shaOf("blob", bytes),
    size: bytes.length,
    html_url: `https://github.com/acme/shop/blob/main/${path}`,
    download_url: `https://raw.example.com/acme/shop/main/${path}?token=SECRET-OF-DOWNLOAD`,
    ...(withContent && content),
  };
}
