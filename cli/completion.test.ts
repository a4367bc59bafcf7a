import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { completionScript, SHELLS } from "./completion.ts";
import { programOf } from "./program.ts";

const quiet = { write: () => {}, width: undefined, color: false };
const io = { env: {}, cwd: "/", stdout: quiet, stderr: quiet, readText: () => "", ask: undefined };
const program = programOf(async () => {}, io);

/** What bash offers when TAB is pressed after the last word. */
function offered(...words: string[]): string[] {
  const script = `${completionScript("bash", program)}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _inlet; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" });
  return text.split("\n").filter(Boolean);
}

describe("bash completes", () => {
  it("nouns and verbs", () => {
    expect(offered("inlet", "endp")).toEqual(["endpoints"]);
    expect(offered("inlet", "units", "conf")).toEqual(["config", "configure"]);
  });

  it("options, also behind arguments", () => {
    expect(offered("inlet", "runs", "start", "ep_1", "jira.issues", "--w")).toEqual(["--watch"]);
    expect(offered("inlet", "graphql", "--qu")).toEqual(["--query"]);
  });

  it("the values of an option that has few", () => {
    expect(offered("inlet", "units", "configure", "ep_1", "u", "--mode", "")).toEqual([
      ...["FULL", "INCREMENTAL", "SCD1", "CUSTOM"],
    ]);
  });

  it("profiles and shells", () => {
    expect(offered("inlet", "profile", "")).toEqual(["add", "list", "use", "remove"]);
    expect(offered("inlet", "completion", "")).toEqual([...SHELLS]);
  });
});

it.each(SHELLS.filter((shell) => spawnSync(shell, ["--version"]).status === 0))(
  "%s can read its script",
  (shell) => {
    const { status, stderr } = spawnSync(shell, ["-n"], {
      input: completionScript(shell, program),
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  },
);

it("another shell is refused", () => {
  expect(() => completionScript("tcsh", program)).toThrow("Write one of bash, zsh, fish.");
});
