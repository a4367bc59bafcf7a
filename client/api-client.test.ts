import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import type { Probe } from "../schemas/collection.ts";
import type { Endpoint } from "../schemas/endpoint.ts";
import { ERRORS } from "../schemas/errors.ts";
import type { DatasetPreview } from "../schemas/operations/answers.ts";
import type { PreviewDataset } from "../schemas/operations/datasets.ts";
import { DeleteEndpoint, GetEndpoint, ListEndpoints } from "../schemas/operations/endpoints.ts";
import { StartRun } from "../schemas/operations/runs.ts";
import { apiClient } from "./api-client.ts";
import { RefusedError, UnknownOperationError, UnreachableError } from "./errors.ts";

const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const token = vi.fn(() => "t1");
const options = { baseUrl: "https://api.example.com/v1/", token, userAgent: "test/1" };
const api = apiClient(options);

beforeEach(() => vi.stubGlobal("fetch", fetched));
afterEach(() => {
  fetched.mockReset();
  vi.unstubAllGlobals();
});

const answers = (...bodies: unknown[]) => {
  for (const body of bodies) fetched.mockResolvedValueOnce(Response.json(body));
};
const failureOf = (call: Promise<unknown>) => call.catch((error: unknown) => error);
const path = { endpointId: "ep_1" };

describe("a call", () => {
  it("goes to the operation's own place, as the one whose token it is", async () => {
    answers({ endpointId: "ep_1" });
    expect(await api.call(GetEndpoint, { path })).toEqual({ endpointId: "ep_1" });
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect(url).toBe("https://api.example.com/v1/endpoints/ep_1");
    expect(init).toMatchObject({
      method: "GET",
      redirect: "error",
      headers: { authorization: "Bearer t1", "user-agent": "test/1" },
    });
  });

  it("asks for the token each time, and sends none where there is none", async () => {
    answers({}, {});
    token.mockReturnValueOnce("t2");
    await api.call(GetEndpoint, { path });
    const nobody = apiClient({ ...options, token: () => null });
    await nobody.call(GetEndpoint, { path });
    expect(fetched.mock.calls.map(([, { headers }]) => headers)).toEqual([
      { authorization: "Bearer t2", "user-agent": "test/1" },
      { "user-agent": "test/1" },
    ]);
  });

  it("answers null where there is no body", async () => {
    fetched.mockResolvedValueOnce(new Response(null, { status: 204 }));
    expect(await api.call(DeleteEndpoint, { path, ifMatch: "*" })).toBeNull();
  });

  it("takes and gives what the contract says", () => {
    type Call = typeof api.call;
    expectTypeOf<ReturnType<Call>>().toExtend<Promise<unknown>>();
    expectTypeOf(api.call<typeof GetEndpoint>).returns.resolves.toEqualTypeOf<Endpoint>();
    expectTypeOf(api.ask<typeof PreviewDataset>).returns.resolves.toExtend<
      { status: 200; body: DatasetPreview } | { status: 202; body: Probe }
    >();
    // @ts-expect-error a path is wanted
    () => api.call(GetEndpoint);
    // @ts-expect-error the unit is missing
    () => api.call(StartRun, { body: { endpointId: "ep_1" } });
    () => api.call(ListEndpoints);
  });
});

describe("a list", () => {
  it("is read page by page, and as a whole", async () => {
    const pages = [
      { items: [1], nextCursor: "a b" },
      { items: [], nextCursor: "c" },
      { items: [2], nextCursor: null },
    ];
    answers(...pages, ...pages);
    const query = { search: "x", limit: 1 };
    expect(await api.all(ListEndpoints, { query })).toEqual([1, 2]);
    const seen = [];
    for await (const page of api.pages(ListEndpoints, { query })) seen.push(page.items);
    expect(seen).toEqual([[1], [], [2]]);
    expect(fetched.mock.calls.slice(0, 3).map(([url]) => new URL(url).search)).toEqual([
      "?search=x&limit=1",
      "?search=x&limit=1&cursor=a+b",
      "?search=x&limit=1&cursor=c",
    ]);
  });
});

describe("a refusal", () => {
  it("is thrown with its problem document", async () => {
    const problem = {
      type: "about:blank",
      title: ERRORS.RUN_ACTIVE.title,
      status: 409,
      detail: "A run is active. Wait for it.",
      code: "RUN_ACTIVE",
      requestId: "r1",
      details: { runId: "run_1" },
    };
    fetched.mockResolvedValueOnce(Response.json(problem, { status: 409 }));
    const body = { endpointId: "ep_1", unitId: "u" };
    const error = (await failureOf(api.call(StartRun, { body }))) as RefusedError;
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.problem).toEqual(problem);
    expect(error.message).toBe(`POST /runs answered 409 RUN_ACTIVE: ${problem.detail}`);
  });

  it.each([
    [403, { message: "Forbidden" }, RefusedError, "Forbidden"],
    [404, { message: "Not Found" }, UnknownOperationError, /does not know this operation/],
    [503, "<html>", RefusedError, "No reason was given. Try again later."],
    [409, { code: "NEWER", detail: "A newer code. Wait." }, RefusedError, "A newer code. Wait."],
  ])("of a gateway or a newer API is one, too: %i %j", async (status, body, kind, detail) => {
    fetched.mockResolvedValueOnce(Response.json(body, { status }));
    const error = (await failureOf(api.call(GetEndpoint, { path }))) as RefusedError;
    expect(error).toBeInstanceOf(kind);
    expect(error.problem).toMatchObject({ status, detail: expect.stringMatching(detail) });
  });

  it("is an answer like any other to who sends a raw request", async () => {
    fetched.mockResolvedValueOnce(new Response("no", { status: 400 }));
    const { status, text } = await api.send("POST", "/runs", "{");
    expect([status, text, fetched.mock.calls[0]?.[1].body]).toEqual([400, "no", "{"]);
  });
});

describe("an API that is not there", () => {
  it("says why nothing answered", async () => {
    const cause = { code: "ECONNREFUSED" };
    fetched.mockRejectedValueOnce(new TypeError("fetch failed", { cause }));
    const error = await failureOf(api.call(ListEndpoints));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({
      message: "https://api.example.com/v1/ does not answer (ECONNREFUSED).",
      answered: false,
    });
  });

  it("is waited for so long and no longer", async () => {
    const hurried = apiClient({ ...options, timeoutMillis: 20 });
    fetched.mockImplementationOnce(
      (_, { signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
        }),
    );
    await expect(hurried.call(ListEndpoints)).rejects.toThrow("no answer in 0.02 s");
  });

  it("is not a web page that answers 200", async () => {
    fetched.mockResolvedValueOnce(new Response("<html>"));
    const error = await failureOf(api.call(ListEndpoints));
    expect(error).toMatchObject({ answered: true });
    expect(error).toBeInstanceOf(UnreachableError);
  });
});
