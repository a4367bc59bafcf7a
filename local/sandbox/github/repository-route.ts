/** Routes below a repository, which all check the same first. */
import { type Answer, json } from "../site/answer.ts";
import { ApiError, badRequest } from "../site/api-error.ts";
import { notFound, refusals } from "./refusals.ts";
import type { Call, Issue, Repository, Route } from "./state.ts";

/** A call to a repository that the account sees. */
export type RepositoryCall = Call & { repository: Repository; input: Record<string, unknown> };

const API_VERSIONS = new Set(["2022-11-28"]);

export function repositoryRoute(
  method: string,
  path: string,
  answer: (call: RepositoryCall) => Answer,
): Route {
  return {
    method,
    path: `/repos/{owner}/{repo}${path}`,
    answer: (call) => {
      checkHeaders(call);
      const { owner, repo } = call.path;
      const found = call.sandbox.repositories.get(`${owner}/${repo}`.toLowerCase());
      if (found === undefined || call.sandbox.faults.forbidden() === repo) throw notFound();
      return answer({ ...call, repository: found, input: inputOf(call) });
    },
  };
}

/** A list with links to its other pages, as the header has them. */
export function paged(call: RepositoryCall, all: readonly unknown[]): Answer {
  const number = (name: string, fallback: number) => Number(call.query.get(name) ?? fallback) || 1;
  const [size, page] = [Math.min(100, number("per_page", 30)), number("page", 1)];
  const last = Math.max(1, Math.ceil(all.length / size));

  const link = (rel: string, to: number) => {
    const query = new URLSearchParams(call.query);
    query.set("page", String(to));
    const { owner, name } = call.repository;
    return `<${call.origin}/repositories/${owner}-${name}?${query}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link("prev", page - 1), link("first", 1)] : []),
    ...(page < last ? [link("next", page + 1), link("last", last)] : []),
  ];
  const answer = json(all.slice((page - 1) * size, page * size));
  return links.length > 0 ? { ...answer, headers: { link: links.join(", ") } } : answer;
}

export function issueOf({ repository, path }: RepositoryCall): Issue {
  const issue = repository.issues.get(Number(path.number));
  if (issue === undefined) throw notFound();
  return issue;
}

export function refusedWith(status: number, message: string): Answer {
  return refusals.error(status, message);
}

export const timeOf = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");

function checkHeaders({ headers }: Call): void {
  if (headers["user-agent"] === undefined)
    throw new ApiError(403, "Request forbidden by administrative rules. Set a User-Agent.");
  const version = headers["x-github-api-version"];
  if (version !== undefined && !API_VERSIONS.has(String(version)))
    throw badRequest("X-GitHub-Api-Version is not supported.");
}

function inputOf({ body = {} }: Call): Record<string, unknown> {
  if (typeof body === "object" && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw badRequest("Problems parsing JSON");
}
