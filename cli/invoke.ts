/** One command from typed words to exit code: check, ask, send, follow, show. */
import pc from "picocolors";
import { ERRORS } from "../schemas/errors.ts";
import type { ArtifactDownload } from "../schemas/operations/answers.ts";
import { OPERATIONS } from "../schemas/operations.ts";
import { type Answer, RefusedError, type Send, sender } from "./client.ts";
import type { Command } from "./commands.ts";
import { download } from "./download.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";
import { exitCodeOfEnd, follow, reasonsOf } from "./follow.ts";
import type { Io } from "./io.ts";
import { render } from "./render.ts";
import { type Request, requestOf, type Typed, valuesOf } from "./request.ts";
import { requireNamed, resolveNames } from "./resolve.ts";
import { renderRun } from "./run-text.ts";
import { targetOf } from "./target.ts";
import { UsageError } from "./usage-error.ts";
import { VERSION } from "./version.ts";
import { type Item, isRun, subjectOf } from "./watch.ts";

export async function invoke(
  command: Command,
  args: readonly string[],
  typed: Typed,
  io: Io,
): Promise<ExitCode> {
  const typedValues = valuesOf(command, args, typed, io.readText);
  const send = sender(targetOf(io, typed.profile as string | undefined), VERSION);
  await confirm(command, args, typed, io);
  const values = await resolveNames(typedValues, send);
  const request = requestOf(command, values, typed);
  const current = await withCurrentVersion(command, request, send);
  const answer = typed.all ? await everyPage(send, current) : await send(current);
  if (isUpdate(command, answer.status))
    io.stderr.write("There was one of this name: it has been updated.\n");
  if (isEmptyPage(answer.body)) await requireNamed(values, send);
  if (command.operation.id === "downloadArtifact" && !typed.json) {
    await download(answer.body as ArtifactDownload, typed.output as string | undefined, io);
    return EXIT.ok;
  }
  const subject = subjectOf(command.operation, answer.status, answer.body);
  if (!subject || !(typed.watch || isVerdict(command, subject.item.finishedAt))) {
    show(command, answer.status, answer.body, typed, io);
    return verdictOf(answer.body);
  }
  const ended = await follow(send, subject, io);
  show(command, answer.status, ended.item, typed, io);
  const code = exitCodeOfEnd(ended, command.operation.id);
  if (code !== EXIT.ok) io.stderr.write(`${reasonsOf(ended).join("\n")}\n`);
  return code;
}

/** What takes something away for good asks first; a script says `--yes`. */
export function needsConfirmation({ operation }: Command): boolean {
  return operation.method === "DELETE" || operation.id === "resetUnit";
}

async function confirm(
  command: Command,
  args: readonly string[],
  { yes }: Typed,
  { ask }: Io,
): Promise<void> {
  if (!needsConfirmation(command) || yes) return;
  const what = `${command.words.join(" ")} ${args.join(" ")}`;
  if (!ask) throw new UsageError(`\`${what}\` cannot be undone. Say --yes when you mean it.`);
  const said = await ask(`${command.operation.summary}\n${what}: sure? [y/N] `);
  if (!/^y(es)?$/i.test(said.trim())) throw new UsageError("Nothing was changed.");
}

/** Without `--if-match`, the change is made to what stands now: read it, and send its ETag. */
async function withCurrentVersion(
  { operation }: Command,
  request: Request,
  send: Send,
): Promise<Request> {
  if (operation.ifMatch !== "required" || request.headers["if-match"]) return request;
  if (!OPERATIONS.some(({ method, path }) => method === "GET" && path === operation.path))
    return request;
  try {
    const { headers } = await send({ method: "GET", path: request.path, headers: {} });
    const etag = headers.get("etag");
    return etag ? { ...request, headers: { ...request.headers, "if-match": etag } } : request;
  } catch (error) {
    // What does not exist yet has no version: the change itself says whether that is an error.
    if (error instanceof RefusedError && error.problem.status === 404) return request;
    throw error;
  }
}

async function everyPage(send: Send, request: Request): Promise<Answer> {
  const items: unknown[] = [];
  for (let path = request.path; ; ) {
    const answer = await send({ ...request, path });
    const page = answer.body as { items: unknown[]; nextCursor: string | null };
    items.push(...page.items);
    if (page.nextCursor === null) return { ...answer, body: { items, nextCursor: null } };
    const url = new URL(path, "http://path");
    url.searchParams.set("cursor", page.nextCursor);
    path = url.pathname + url.search;
  }
}

/** `POST /endpoints` registers or updates: which of the two it did, a person would not guess. */
function isUpdate({ operation }: Command, status: number): boolean {
  return operation.method === "POST" && status === 200 && 201 in operation.answers;
}

function isEmptyPage(body: unknown): boolean {
  const { items } = (body ?? {}) as { items?: unknown };
  return Array.isArray(items) && items.length === 0;
}

/** A test that is answered at once is judged at once. */
function isVerdict({ operation }: Command, finishedAt: string | null): boolean {
  return operation.method === "POST" && operation.path.endsWith("/test") && finishedAt !== null;
}

/** GraphQL answers 200 with its errors inside. */
function verdictOf(body: unknown): ExitCode {
  const { errors } = (body ?? {}) as { errors?: { extensions?: { code?: string } }[] };
  if (!Array.isArray(errors) || errors.length === 0) return EXIT.ok;
  const code = errors[0]?.extensions?.code ?? "";
  return code in ERRORS ? exitCodeOf(ERRORS[code as keyof typeof ERRORS].status) : EXIT.usage;
}

function show(
  { operation }: Command,
  status: number,
  body: unknown,
  { json, stats }: Typed,
  { stdout }: Io,
): void {
  if (json || ["getOpenapi", "postGraphql"].includes(operation.id)) {
    if (body !== null) stdout.write(`${JSON.stringify(body, null, 2)}\n`);
    return;
  }
  const { bold, dim } = pc.createColors(stdout.color);
  const look = { bold, dim, width: stdout.width };
  const text = isRun(operation, status) ? renderRun(body as Item, look, stats === true) : "";
  stdout.write(`${text || render(operation, status, body, look) || "Done."}\n`);
}
