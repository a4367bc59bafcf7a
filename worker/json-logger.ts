import { DefaultLogger, type Logger } from "@temporalio/worker";

/**
 * What a log line may carry of a workflow or activity: names and ids. Inputs, results and messages
 * of failures stay out.
 */
const LOGGED = [
  "workflowType",
  "workflowId",
  "runId",
  "activityType",
  "attempt",
  "taskQueue",
  "namespace",
  "code",
];

/** One JSON object a line on stdout, as the log service of the environment wants it. */
export function jsonLogger(
  write: (line: string) => void = (line) => process.stdout.write(line),
): Logger {
  return new DefaultLogger("INFO", ({ level, message, timestampNanos, meta }) => {
    const at = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
    const kept = Object.fromEntries(
      LOGGED.flatMap((name) => (meta?.[name] === undefined ? [] : [[name, meta[name]]])),
    );
    const error = failureName(meta?.error);
    // The bundler reports its modules over dozens of lines.
    const [headline] = message.split("\n");

    write(
      `${JSON.stringify({
        at,
        level,
        service: "worker",
        message: headline,
        ...kept,
        ...(error && { error }),
      })}\n`,
    );
  });
}

const MESSAGE_KEPT = 500;

/** Names an error and the line of our own code where it arose, without the rest of its stack. */
function failureName(
  error: unknown,
): { name: string; message: string; type?: string; at?: string } | undefined {
  if (!(error instanceof Error)) return undefined;
  const type = (error as { type?: unknown }).type;
  const at = error.stack
    ?.split("\n")
    .find((line) => /\/(worker|adapters|core)\//.test(line) && !line.includes("node_modules"));
  const message = error.message.slice(0, MESSAGE_KEPT);

  return {
    name: error.name,
    message,
    ...(typeof type === "string" && { type }),
    ...(at && { at: at.trim() }),
  };
}
