/**
 * docs/cli.md, docs/lake.md and docs/permissions.md, line by line as they stand, as somebody who
 * reads them would type them.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runMainJob } from "../../local/main-job.ts";
import { paths, root } from "../../local/paths.ts";
import { jobOn } from "../stage/stack/endpoint.ts";
import { admin } from "../stage/stack/people.ts";
import { aSite, lastChangedProject, type Site } from "../stage/stack/site.ts";

const run = promisify(execFile);
const inlet = join(root, "node_modules/.bin/inlet");
/** What `npx inlet` finds, without the half second of CPU that npm takes to find it each time. */
const FOUND = `npx() { [ "$1" = inlet ] || return 127; shift; "${inlet}" "$@"; }\n`;
/**
 * Some ninety processes and a dozen runs of units: half a minute, and many times that on a busy
 * machine.
 */
const GUIDE_WITHIN_MILLIS = 480_000;

let site: Site;
let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "inlet-guide-"));
  site = await aSite({ issues: 20 });
  // What `npm start` does before the guide begins.
  await runMainJob(admin(), jobOn(site, "jira"));
});
afterAll(async () => {
  rmSync(home, { recursive: true, force: true });
  await site.stop();
});

/** The blocks of a page in one language, in their order. */
function blocksOf(page: string, language: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(
    ([, block]) => block ?? "",
  );
}

/** As a person types it; the stack under test keeps its file elsewhere. */
async function type(script: string): Promise<string> {
  const env = {
    ...process.env,
    XDG_CONFIG_HOME: home,
    NO_COLOR: "1",
    INLET_STATE_DIR: dirname(paths.stackFile),
  };
  const typed = script
    .replaceAll("./.local/stack.json", paths.stackFile)
    .replaceAll(".local/stack.json", paths.stackFile);
  return (await run("bash", ["-ec", FOUND + typed], { cwd: root, env, maxBuffer: 64e6 })).stdout;
}

it("npx finds the command that the guides type", async () => {
  const env = { ...process.env, XDG_CONFIG_HOME: home };
  const { stdout: version } = await run("npx", ["inlet", "--version"], { cwd: root, env });
  expect(version).toBe((await run(inlet, ["--version"], { cwd: root, env })).stdout);
});

it(
  "every line of the guide works",
  async () => {
    const said = await type(blocksOf("docs/cli.md", "sh").join(""));
    expect(said).toContain("landed\n");
    expect(said).toContain("exit code 5\n");
  },
  GUIDE_WITHIN_MILLIS,
);

it(
  "every recipe of the lake that this machine can run works",
  async () => {
    const listed = await type(blocksOf("docs/lake.md", "sh").join(""));
    expect(listed).toMatch(/jira\.issues +20 rows/);
    expect(listed).toContain("20 rows in issues.parquet");
    // Blocks called `python` and `sql` need what is not installed here; the page says which were
    // tried, and where.
    for (const program of blocksOf("docs/lake.md", "py")) {
      expect(await type(`.venv/bin/python - <<'PROGRAM'\n${program}PROGRAM\n`)).not.toBe("");
    }
  },
  GUIDE_WITHIN_MILLIS,
);

it(
  "a lost permission can be staged as the page says",
  async () => {
    const said = await type(
      blocksOf("docs/permissions.md", "sh")
        .join("")
        .replaceAll("ATLAS", await lastChangedProject(site)),
    );

    const [, forbidden = "", hidden = ""] = said.split(/^(?:forbidden|hidden): exit code 6$/m);
    expect(forbidden).toMatch(/^status +PARTIAL$/m);
    expect(forbidden).toContain("PROJECT_FORBIDDEN");
    expect(hidden).toMatch(/^status +PARTIAL$/m);
    expect(hidden).toContain("INVISIBLE");
  },
  GUIDE_WITHIN_MILLIS,
);
