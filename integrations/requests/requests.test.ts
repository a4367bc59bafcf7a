import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { VendorAnswer } from "../plugin.ts";
import { jsonOf } from "./json-messages.ts";
import { fileOf, multipartOf } from "./multipart.ts";
import { refusalByStatus, retryAfterOf, wordsOf } from "./refusals.ts";
import { vendorUrl } from "./vendor-url.ts";

const answer = (body: string, headers: Record<string, string> = {}, status = 200) =>
  ({ status, headers, body: Buffer.from(body) }) satisfies VendorAnswer;

describe("an address", () => {
  test("is made of a base, a template and a query", () => {
    const params = { issue: "A&B 1", path: "docs/ä b.md" };
    const query = { q: "a=b&c", list: ["x", "y"], none: undefined, nothing: null };
    expect(vendorUrl("https://a.example/b/", "/i/{issue}/{+path}", params, query)).toBe(
      "https://a.example/b/i/A%26B%201/docs/%C3%A4%20b.md?q=a%3Db%26c&list=x&list=y",
    );
  });

  test.each(["..", ".", "", "a/b", "a\\b", "a\nb", "\ud800", undefined, null, {}])(
    "holds no part like %j",
    (part) => {
      const make = () => vendorUrl("https://a.example", "/i/{part}", { part });
      expect(make).toThrow(expect.objectContaining({ code: "VALIDATION_ERROR" }));
    },
  );

  test.each(["a/../b", "/a", "a//b", "a/", ".."])("holds no path like %j", (path) => {
    const make = () => vendorUrl("https://a.example", "/{+path}", { path });
    expect(make).toThrow(expect.objectContaining({ code: "VALIDATION_ERROR" }));
  });

  test.each([
    "ftp://a.example",
    "https://user:word@a.example",
    "https://a.example/?x=1",
    "https://a.example/#x",
    "a.example",
    "undefined",
  ])("has no base like %s", (base) => {
    const make = () => vendorUrl(base, "/i", {});
    expect(make).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  test("gives a part back as it was, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (part) => {
        fc.pre(!/[/\\\p{Cc}]/u.test(part) && part !== "." && part !== "..");
        const { pathname } = new URL(vendorUrl("https://a.example", "/i/{part}/z", { part }));
        const parts = pathname.split("/");
        expect([parts.length, decodeURIComponent(parts[2] ?? "")]).toEqual([4, part]);
      }),
    );
  });
});

describe("JSON", () => {
  test("keeps the digits of numbers that a double cannot hold", () => {
    const text = '{"id":413124000068132003,"near":9007199254740991,"f":0.1,"big":1e400,"n":-7}';
    expect(jsonOf(answer(text.replace(',"big":1e400', "")))).toEqual({
      id: "413124000068132003",
      near: 9007199254740991,
      f: 0.1,
      n: -7,
    });
  });

  test("is null where there is no body", () => {
    expect([jsonOf(answer("")), jsonOf(answer(" \n"))]).toEqual([null, null]);
  });

  test("is refused without repeating it", () => {
    const read = () => jsonOf(answer("<html>secret</html>"));
    expect(read).toThrow(expect.objectContaining({ code: "EXECUTION_ERROR" }));
    expect(read).not.toThrow(/secret/);
  });
});

describe("a wait", () => {
  const date = "Mon, 30 Nov 2026 08:00:00 GMT";

  test.each([
    ["seconds", { "retry-after": "12" }, 12],
    ["parts of a second", { "retry-after": "0.4" }, 1],
    ["a time by the vendor's clock", { "retry-after": "Mon, 30 Nov 2026 08:01:30 GMT", date }, 90],
    ["a time that is over", { "retry-after": "Mon, 30 Nov 2026 07:00:00 GMT", date }, 0],
    ["more than a day", { "retry-after": "999999999" }, 86_400],
    ["nonsense", { "retry-after": "-1e3 soon" }, undefined],
    ["nothing", {}, undefined],
  ])("of %s", (_, headers, seconds) => {
    expect(retryAfterOf(answer("", headers))).toBe(seconds);
  });
});

describe("a status", () => {
  test.each([
    [200, undefined],
    [204, undefined],
    [302, false],
    [304, false],
    [400, true],
    [408, false],
    [409, true],
    [422, true],
    [429, true],
    [500, false],
    [502, false],
    [503, false],
    [504, false],
  ])("of %d says whether nothing was done: %s", (status, notDone) => {
    expect(refusalByStatus(answer("", {}, status), { vendor: "It" })?.notDone).toBe(notDone);
  });
});

test("words of a vendor are texts only, on one line and cut", () => {
  expect(wordsOf("a\r\nb", ["c", 1, null], undefined)).toBe("a b c");
  expect(wordsOf([], "  ", 7)).toBeUndefined();
  expect(wordsOf("x".repeat(900))?.length).toBe(500);
});

describe("a file in a form", () => {
  test("is read by the platform's parser as it was, whatever its bytes and name", async () => {
    const names = fc.string({ minLength: 1, maxLength: 30 }).map((name) => `a${name}`);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), names, async (bytes, fileName) => {
        fc.pre(!/["\\/\p{Cc}]/u.test(fileName));
        const contentBase64 = Buffer.from(bytes).toString("base64");
        const { body, contentType } = multipartOf(fileOf("file", { fileName, contentBase64 }));

        const headers = { "content-type": contentType };
        const form = await new Response(new Uint8Array(body), { headers }).formData();
        const file = form.get("file") as File;
        expect([...form.keys()]).toEqual(["file"]);
        expect(file.name).toBe(fileName);
        expect(new Uint8Array(await file.arrayBuffer())).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  test.each([
    ["no base64", { contentBase64: "a*b=" }],
    ["a type that is more than one", { contentBase64: "", mediaType: "a/b\r\nx-evil: 1" }],
  ])("is refused with %s", (_, params) => {
    const make = () => fileOf("file", { fileName: "a", ...params });
    expect(make).toThrow(expect.objectContaining({ code: "VALIDATION_ERROR" }));
  });
});
