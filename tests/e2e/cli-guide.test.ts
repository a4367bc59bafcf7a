/** docs/cli.md, line by line as it stands, as somebody who reads it would type it. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runMainJob } from "../../local/main-job.ts";
import { paths, root } from "../../local/paths.ts";
import { jobOn } from "./endpoint.ts";
import { admin } from "./people.ts";
import { aSite, type Site } from "./site.ts";

const run = promisify(execFile);
const inlet = join(root, "node_modules/.bin/inlet");
/** What `npx inlet` finds, without the half second of CPU that npm takes to find it each time. */
const FOUND = `npx() { [ "$1" = inlet ] || return 127; shift; "${inlet}" "$@"; }\n`;
/** Some ninety processes and a dozen runs of units: half a minute, and many times that on a busy machine. */
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

it(
  "every line of the guide works",
  async () => {
    const guide = readFileSync(join(root, "docs/cli.md"), "utf8");
    const blocks = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
    // The stack under test keeps its file elsewhere; everything else is as it is written.
    const script = blocks.join("").replaceAll("./.local/stack.json", paths.stackFile);
    const env = { ...process.env, XDG_CONFIG_HOME: home, NO_COLOR: "1" };
    const { stdout: version } = await run("npx", ["inlet", "--version"], { cwd: root, env });
    expect(version).toBe((await run(inlet, ["--version"], { cwd: root, env })).stdout);
    const { stdout } = await run("bash", ["-ec", FOUND + script], { cwd: root, env, maxBuffer: 64e6 });
    expect(stdout).toContain("landed\n");
    expect(stdout).toContain("exit code 5\n");
  },
  GUIDE_WITHIN_MILLIS,
);
