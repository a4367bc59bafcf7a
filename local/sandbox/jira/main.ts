import { readOptions } from "./options.ts";
import { startSandbox } from "./start-sandbox.ts";

const { url, stop } = await startSandbox(readOptions(process.argv.slice(2)));
console.log(`listening on ${url}`);
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
