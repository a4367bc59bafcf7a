/**
 * Every code of evidence that `docs/truth-of-a-run.md` lists, brought out through the API: by what
 * the recorded site itself does (it hides, deletes, touches), and by a gateway before it where the
 * recording never does so. A code that is documented and not brought out fails.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "../../local/stack-file.ts";
import { tableOf } from "../meta-docs/pages.ts";
import { collectionStories } from "./evidence-of-collections.ts";
import { fieldStories } from "./evidence-of-fields.ts";
import { landingStories } from "./evidence-of-landing.ts";
import { oddSiteStories } from "./evidence-of-odd-sites.ts";
import { presenceStories } from "./evidence-of-presence.ts";
import type { ReplaySite } from "./replay-site.ts";
import { check } from "./report.ts";
import { type Scene, type SceneOptions, withScene } from "./scene.ts";

/** The vendor's feeds tell at once rather than a minute late. */
export const EVIDENCE_FLAGS = ["--worklog-delay", "0"];

const PAGE = join(import.meta.dirname, "../../docs/truth-of-a-run.md");
const EVIDENCE = "| code | weight | seen when | do |";
/** What no site can bring out, and which test holds it instead. */
const BY_NO_SITE: Readonly<Record<string, string>> = {
  ACCOUNTING: "our own figures would have to be wrong: core/run-outcome.test.ts",
  ROWS_FILTERED: "a transform needs a tool beside the core: tests_engines/tools/test_transform.py",
};

/** What happens to one endpoint, and the codes that its runs must say. */
export interface Story extends SceneOptions {
  readonly name: string;
  readonly says: readonly string[];
  readonly act: (scene: Scene) => Promise<void>;
}

export async function tryEvidence(stack: Stack, site: ReplaySite): Promise<void> {
  const stories = [
    ...presenceStories,
    ...landingStories,
    ...fieldStories,
    ...oddSiteStories,
    ...collectionStories,
  ];
  const seen = new Set<string>();
  for (const story of stories) {
    const said = await told(stack, site, story);
    for (const code of said.keys()) seen.add(code);
    for (const code of story.says)
      check(said.has(code), `${story.name} says ${code}`, said.get(code) ?? heard(said));
  }

  const documented = tableOf(readFileSync(PAGE, "utf8"), EVIDENCE).map(([cell]) => cell?.[0] ?? "");
  const silent = documented.filter((code) => !seen.has(code) && !(code in BY_NO_SITE));
  check(
    silent.length === 0,
    `all ${documented.length} documented codes were said, but for ${Object.keys(BY_NO_SITE)}`,
    silent.length === 0 ? "none is missing" : `missing: ${silent.join(", ")}`,
  );
}

/** One story that cannot be told stops no other. */
async function told(
  stack: Stack,
  site: ReplaySite,
  story: Story,
): Promise<ReadonlyMap<string, string>> {
  try {
    return await withScene(stack, site, `odd_${story.name}`, story.act, story);
  } catch (error) {
    return new Map([["no end", String(error)]]);
  }
}

const heard = (said: ReadonlyMap<string, string>) =>
  `heard only ${[...said].map(([code, what]) => `${code} (${what.slice(0, 120)})`).join("; ")}`;
