import { runSite } from "../site/run-site.ts";
import { readOptions } from "./options.ts";
import { startSandbox } from "./start-sandbox.ts";

await runSite("Jira", () => startSandbox(readOptions(process.argv.slice(2))));
