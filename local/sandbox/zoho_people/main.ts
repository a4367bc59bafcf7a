import { runSite } from "../site/run-site.ts";
import { startSandbox } from "./start-sandbox.ts";

await runSite("Zoho People", () => startSandbox(process.argv.slice(2)));
