/** One command from typed words to exit code: check, ask, send, follow, show. */
import pc from "picocolors";
import type { ApiClient } from "../client/api-client.ts";
import type { Answer } from "../client/contract.ts";
import { RefusedError } from "../client/errors.ts";
import { workIn } from "../client/follow.ts";
import type { AnyInput } from "../client/request.ts";
import { OPERATIONS } from "../schemas/api.ts";
import { ERRORS } from "../schemas/errors.ts";
import type { Operation } from "../schemas/operation.ts";
import type { ArtifactDownload } from "../schemas/operations/answers.ts";
import { Run } from "../schemas/run.ts";
import { apiOf, withTarget } from "./api.ts";
import type { Command } from "./commands.ts";
import { download } from "./download.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { render } from "./render.ts";
import { inputOf, type Typed, type Values, valuesOf } from "./request.ts";
import { requireNamed, resolveNames } from "./resolve.ts";
import { renderRun } from "./run-text.ts";
import { targetOf } from "./target.ts";
import { UsageError } from "./usage-error.ts";
import { exitCodeOfEnd, reasonsOf, watch } from "./watch.ts";

export async function invoke(
  command: Command,
  args: readonly string[],
  typed: Typed,
  io: Io,
): Promise<ExitCode> {
  const values = valuesOf(command, args, typed, io.readText);
  const target = targetOf(io, typed.profile as string | undefined);
  await confirm(command, args, typed, io);
  try {
    return await perform(command, values, typed, io, apiOf(target));
  } catch (error) {
    throw withTarget(error, target);
  }
}

async function perform(
  command: Command,
  typedValues: Values,
  typed: Typed,
  io: Io,
  api: ApiClient,
): Promise<ExitCode> {
  const { operation } = command;
  const values = await resolveNames(typedValues, api);
  const input = await withCurrentVersion(operation, inputOf(command, values, typed), api);
  const answer = typed.all
    ? await everyPage(api, operation, input)
    : await api.ask(operation, input);

  if (isUpdate(command, answer.status))
    io.stderr.write("One with this name existed: it was updated.\n");
  if (isEmptyPage(answer.body)) await requireNamed(values, api);
  if (operation.id === "downloadArtifact" && !typed.json) {
    await downloadPages(answer.body as ArtifactDownload, typed, io, (cursor) =>
      api.ask(operation, { ...input, query: { ...input.query, cursor } }),
    );
    return EXIT.ok;
  }
  const work = workIn(operation, answer.status, answer.body);
  if (!work || !(typed.watch || isVerdict(command, work.item.finishedAt))) {
    show(command, answer.status, answer.body, typed, io);
    return verdictOf(answer.body);
  }

  const ended = await watch(api, work, io);
  show(command, answer.status, ended.item, typed, io);
  const code = exitCodeOfEnd(ended, operation.id);
  if (code !== EXIT.ok) io.stderr.write(`${reasonsOf(ended).join("\n")}\n`);
  return code;
}

/** Page by page, while its links are valid. */
async function downloadPages(
  first: ArtifactDownload,
  { output }: Typed,
  io: Io,
  pageAt: (cursor: string) => Promise<{ readonly body: unknown }>,
): Promise<void> {
  let page = first;
  await download(page, output as string | undefined, io);
  while (page.nextCursor) {
    page = (await pageAt(page.nextCursor)).body as ArtifactDownload;
    await download(page, output as string | undefined, io);
  }
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
  operation: Operation,
  input: AnyInput,
  api: ApiClient,
): Promise<AnyInput> {
  if (operation.ifMatch !== "required" || input.ifMatch !== undefined) return input;
  const reader = OPERATIONS.find(({ method, path }) => method === "GET" && path === operation.path);
  if (!reader) return input;

  try {
    const { headers } = await api.ask(reader, input.path ? { path: input.path } : {});
    const ifMatch = headers.get("etag");
    return ifMatch ? { ...input, ifMatch } : input;
  } catch (error) {
    // What does not exist yet has no version: the change itself says whether that is an error.
    if (error instanceof RefusedError && error.problem.status === 404) return input;
    throw error;
  }
}

async function everyPage(
  api: ApiClient,
  operation: Operation,
  input: AnyInput,
): Promise<Pick<Answer<Operation>, "status" | "body">> {
  const items = await api.all(operation, input);
  return { status: 200, body: { items, nextCursor: null } };
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
  const isRun = operation.answers[status] === Run;
  const text = isRun ? renderRun(body as Run, look, stats === true) : "";
  stdout.write(`${text || render(operation, status, body, look) || "Done."}\n`);
}
