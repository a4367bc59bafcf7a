import type { RunningSite } from "./start-site.ts";

/** The process of a sandbox: says where it listens, and ends on SIGTERM or SIGINT. */
export async function runSite(
  name: string,
  start: () => Promise<Pick<RunningSite<unknown>, "url" | "stop">>,
): Promise<void> {
  try {
    const { url, stop } = await start();

    console.log(`listening on ${url}`);
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  } catch (error) {
    const reason = (error as Error).message.replace(/\.?$/, ".");
    console.error(
      `The ${name} sandbox did not start: ${reason} Its flags are in README.md beside it.`,
    );
    process.exitCode = 2;
  }
}
