/** What the sandbox's GitHub is made of: one owner's repositories, each with all that belongs to it. */
import { createHash } from "node:crypto";
import type * as site from "../site/answer.ts";
import { createText } from "../site/prose.ts";
import { createRandom } from "../site/random.ts";

export type Issue = {
  number: number;
  title: string;
  body: string | null;
  state: "open" | "closed";
  stateReason: string | null;
  labels: string[];
  assignees: string[];
  user: string;
  comments: Comment[];
  createdMs: number;
  updatedMs: number;
  pull: Pull | undefined;
};
export type Comment = { id: number; body: string; user: string; createdMs: number };
export type Pull = {
  head: string;
  base: string;
  draft: boolean;
  merged: string | undefined;
  reviews: { id: number; state: string; body: string | undefined }[];
};

export type Commit = {
  sha: string;
  message: string;
  author: string;
  atMs: number;
  paths: string[];
};
export type Branch = { files: Map<string, Buffer>; commits: Commit[] };
export type Release = { id: number; tag: string; name: string | undefined; draft: boolean };

export type Repository = {
  owner: string;
  name: string;
  issues: Map<number, Issue>;
  branches: Map<string, Branch>;
  releases: Release[];
  /** Runs of workflows that were asked for. */
  dispatches: { workflow: string; ref: string; inputs: Record<string, unknown> }[];
};

export type GithubState = { repositories: Map<string, Repository>; login: string; nextId: number };
export type Sandbox = site.Sandbox<GithubState>;
export type Call = site.Call<GithubState>;
export type Route = site.Route<GithubState>;

export type GithubRecipe = { seed: number; issues: number };

export const DEFAULT_BRANCH = "main";
const FIRST_MS = Date.UTC(2026, 0, 5, 9);
const HOUR_MS = 3_600_000;

/** The same recipe gives the same repositories. */
export function createState({ seed, issues }: GithubRecipe): GithubState {
  const repository = createRepository("acme", "shop", issues, seed);
  return { repositories: new Map([["acme/shop", repository]]), login: "robin", nextId: 5_000_001 };
}

function createRepository(owner: string, name: string, count: number, seed: number): Repository {
  const random = createRandom(seed);
  const text = createText(random);
  const made = Array.from({ length: count }, (_, index): Issue => {
    const createdMs = FIRST_MS + index * HOUR_MS;
    return {
      number: index + 1,
      title: text(40),
      body: random.chance(0.2) ? null : text(300),
      state: random.chance(0.3) ? "closed" : "open",
      stateReason: null,
      labels: random.chance(0.5) ? ["bug"] : [],
      assignees: random.chance(0.5) ? ["ada"] : [],
      user: random.pick(["ada", "robin", "sam"]),
      comments: [],
      createdMs,
      updatedMs: createdMs + random.int(48) * HOUR_MS,
      pull: undefined,
    };
  });

  return {
    owner,
    name,
    issues: new Map(made.map((issue) => [issue.number, issue])),
    branches: new Map([
      [DEFAULT_BRANCH, firstBranch()],
      ["fix-1", firstBranch()],
    ]),
    releases: [],
    dispatches: [],
  };
}

function firstBranch(): Branch {
  const files = new Map([
    ["README.md", Buffer.from("# Shop\n")],
    ["docs/guide.md", Buffer.from("Größe 🚀\n")],
    ["logo.png", Buffer.from([137, 80, 78, 71, 0, 255, 254])],
  ]);
  const paths = [...files.keys()];
  const first = { message: "Begin", author: "ada", atMs: FIRST_MS, paths };
  return { files, commits: [{ ...first, sha: shaOf("commit", "Begin") }] };
}

/** As Git names a thing: by its kind, its length and its bytes. */
export function shaOf(kind: string, content: Buffer | string): string {
  const bytes = Buffer.from(content);
  return createHash("sha1").update(`${kind} ${bytes.length}\0`).update(bytes).digest("hex");
}
