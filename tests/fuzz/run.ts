/**
 * `npm run test:fuzz [-- --seed N --examples N --running]`: Schemathesis over `GET /openapi.json`
 * and the GraphQL schema of a stack of its own, or with `--running` of the one that runs here. No
 * 5xx, and nothing that the contract does not say. Prints the seed and a line per pass, and ends
 * with `N passed, N failed`: of passes, and of having asked often enough.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { aSite } from "../stage/stack/site.ts";
import { startStackUnderTest } from "../stage/stack/stack-under-test.ts";
import { type Fuzz, fuzz } from "./schemathesis.ts";
import { fittingBodies, makeTargets } from "./targets.ts";

const CASES = 2_000;
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "20261121" },
    examples: { type: "string", default: "20" },
    running: { type: "boolean", default: false },
  },
});
const stopStack = values.running ? async () => {} : await startStackUnderTest("fuzz");
// What reads the stack's state finds it by the environment, which is set only now.
const { readStack } = await import("../../local/stack-file.ts");
const { stateDir } = await import("../../local/paths.ts");
const site = await aSite({ issues: 20 });
const tally = { passed: 0, failed: 0, cases: 0 };
try {
  const stack = readStack();
  const [seed, examples] = [Number(values.seed), Number(values.examples)];
  console.log(`seed ${seed}, ${examples} drawn cases an operation and phase`);
  const asked = {
    stack,
    ids: await makeTargets(stack, site),
    fitting: fittingBodies(site),
    seed,
    examples,
  };
  const { token, viewerToken } = stack;
  const drawn = ["examples", "coverage", "fuzzing", "stateful"];
  await pass("REST, admin and platform", { ...asked, api: "rest", phases: drawn, token });
  await pass("REST, viewer", { ...asked, api: "rest", phases: ["coverage"], token: viewerToken });
  await pass("GraphQL, admin", {
    ...asked,
    api: "graphql",
    phases: ["coverage", "fuzzing"],
    token,
  });
} finally {
  await site.stop();
  await stopStack();
}
count(tally.cases >= CASES, `${tally.cases} cases in all, at least ${CASES}`);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed > 0 ? 1 : 0;

async function pass(name: string, asked: Omit<Fuzz, "folder">): Promise<void> {
  const started = Date.now();
  const folder = join(stateDir, "schemathesis", name.replaceAll(/\W+/g, "-"));
  const { cases, operations, failures } = await fuzz({ ...asked, folder });
  tally.cases += cases;
  const seconds = Math.round((Date.now() - started) / 1000);
  count(
    failures.length === 0,
    `${name}: ${cases} cases of ${operations} operations in ${seconds} s`,
  );
  for (const failure of failures) console.log(`       ${failure.slice(0, 600)}`);
  if (failures.length > 0) console.log(`       each with its request: ${join(folder, "log")}`);
}

function count(holds: boolean, what: string): void {
  tally[holds ? "passed" : "failed"] += 1;
  console.log(`${holds ? "ok  " : "FAIL"} ${what}`);
}
