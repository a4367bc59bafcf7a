/** Releases, runs of workflows, and what is left of the rate limit. */
import { type Answer, json } from "../site/answer.ts";
import { invalid } from "./refusals.ts";
import { type RepositoryCall, repositoryRoute } from "./repository-route.ts";
import type { Route } from "./state.ts";

const WORKFLOWS = new Set(["deploy.yml", "17"]);

export const deliveryRoutes: Route[] = [
  repositoryRoute("POST", "/releases", createRelease),
  repositoryRoute("POST", "/actions/workflows/{workflow}/dispatches", dispatch),
  {
    method: "GET",
    path: "/rate_limit",
    answer: () => json({ resources: { core: { limit: 5000, remaining: 4999, reset: 0 } } }),
  },
];

function createRelease(call: RepositoryCall): Answer {
  const { tag_name: tag, name, body, draft, prerelease } = call.input;
  const { releases } = call.repository;
  if (typeof tag !== "string" || tag === "") return invalid("Release", "tag_name", "missing_field");
  if (releases.some((release) => release.tag === tag))
    return invalid("Release", "tag_name", "already_exists");

  const id = call.sandbox.nextId++;
  releases.push({ id, tag, name: name as string | undefined, draft: draft === true });
  const address = `https://github.com/acme/shop/releases/tag/${tag}`;
  return json({ id, tag_name: tag, name, body, draft, prerelease, html_url: address }, 201);
}

function dispatch(call: RepositoryCall): Answer {
  const workflow = call.path.workflow ?? "";
  const { ref, inputs = {} } = call.input;
  if (!WORKFLOWS.has(workflow)) return { ...json({ message: "Not Found" }), status: 404 };
  if (!call.repository.branches.has(String(ref)))
    return json({ message: `No ref found for: ${String(ref)}` }, 422);

  const asked = { workflow, ref: String(ref), inputs: inputs as Record<string, unknown> };
  call.repository.dispatches.push(asked);
  return { status: 204, body: Buffer.alloc(0) };
}
