import { readOptions } from "./options.ts";
import { startSandbox } from "./start-sandbox.ts";

try {
  const { url, stop } = await startSandbox(readOptions(process.argv.slice(2)));
  console.log(`listening on ${url}`);
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
} catch (error) {
  const reason = (error as Error).message.replace(/\.?$/, ".");
  console.error(`The Jira sandbox did not start: ${reason} Its flags are in README.md beside it.`);
  process.exitCode = 2;
}
