import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallBody, CallParameter, CallTemplate } from "../../schemas/http-connector.ts";
import { requestOf } from "./request.ts";

const BASE = { baseUrl: "https://api.example.com/v1/" };

const aParameter = (name: string, changes: Partial<CallParameter> = {}): CallParameter => ({
  param: name,
  name,
  in: "query",
  style: changes.in === "path" || changes.in === "header" ? "simple" : "form",
  explode: (changes.in ?? "query") === "query",
  asJson: false,
  severalParts: false,
  ...changes,
});
const aTemplate = (changes: Partial<CallTemplate> = {}): CallTemplate => ({
  verb: "GET",
  path: "/things",
  parameters: [],
  body: null,
  accept: "application/json",
  ...changes,
});
const urlOf = (parameter: Partial<CallParameter>, value: unknown, path = "/things/{color}") => {
  const one = aParameter("color", parameter);
  const template = aTemplate({ path: one.in === "path" ? path : "/things", parameters: [one] });
  return requestOf(template, { color: value }, BASE).url.replace("https://api.example.com/v1", "");
};

describe("styles of OpenAPI", () => {
  const list = ["blue", "black"];
  const object = { R: 100, G: 200 };

  it.each([
    [{ in: "path" }, "blue", "/things/blue"],
    [{ in: "path" }, list, "/things/blue,black"],
    [{ in: "path" }, object, "/things/R,100,G,200"],
    [{ in: "path", explode: true }, object, "/things/R=100,G=200"],
    [{ in: "path", style: "label" }, list, "/things/.blue,black"],
    [{ in: "path", style: "label", explode: true }, list, "/things/.blue.black"],
    [{ in: "path", style: "matrix" }, "blue", "/things/;color=blue"],
    [{ in: "path", style: "matrix", explode: true }, list, "/things/;color=blue;color=black"],
    [{ in: "path", style: "matrix", explode: true }, object, "/things/;R=100;G=200"],
    [{}, list, "/things?color=blue&color=black"],
    [{ explode: false }, list, "/things?color=blue%2Cblack"],
    [{}, object, "/things?R=100&G=200"],
    [{ style: "pipeDelimited", explode: false }, list, "/things?color=blue%7Cblack"],
    [{ style: "spaceDelimited", explode: false }, list, "/things?color=blue%20black"],
    [{ style: "deepObject" }, object, "/things?color%5BR%5D=100&color%5BG%5D=200"],
    [{ asJson: true }, object, "/things?color=%7B%22R%22%3A100%2C%22G%22%3A200%7D"],
  ] as const)("%j writes %j as %s", (parameter, value, expected) => {
    expect(urlOf(parameter, value)).toBe(expected);
  });

  it("leave out what is not given, and headers go in lower case", () => {
    const parameters = [aParameter("q"), aParameter("X-Trace", { in: "header" })];
    const template = aTemplate({ parameters });
    expect(requestOf(template, { q: null, "X-Trace": ["a", "b"] }, BASE)).toEqual({
      method: "GET",
      url: "https://api.example.com/v1/things",
      headers: { accept: "application/json", "x-trace": "a,b" },
    });
  });
});

describe("a path parameter", () => {
  it.each(["..", ".", "", "a/../b", "../x", "a\\b", "a\u0000b", "\ud800"])(
    "is refused where it is %j",
    (value) => {
      for (const severalParts of [true, false]) {
        expect(() => urlOf({ in: "path", severalParts }, value)).toThrow(/The parameter color/);
      }
    },
  );

  it("keeps a slash inside its part, or divides parts where the vendor says so", () => {
    expect(urlOf({ in: "path" }, "group/project")).toBe("/things/group%2Fproject");
    expect(urlOf({ in: "path", severalParts: true }, "docs/a b.md")).toBe("/things/docs/a%20b.md");
    expect(() => urlOf({ in: "path", severalParts: true }, "docs//x")).toThrow(/no empty part/);
    expect(() => urlOf({ in: "path" }, ".", "/things/{color}.")).toThrow(/`.` or `..`/);
  });

  it("never leaves its place, whatever it is", () => {
    const value = fc.oneof(fc.string({ unit: "binary" }), fc.webUrl(), fc.constant("%2e%2e/x"));
    fc.assert(
      fc.property(value, fc.boolean(), (color, severalParts) => {
        let url: URL;
        try {
          url = new URL(
            requestOf(
              aTemplate({
                path: "/things/{color}/end",
                parameters: [aParameter("color", { in: "path", severalParts })],
              }),
              { color },
              BASE,
            ).url,
          );
        } catch (error) {
          expect(error).toMatchObject({ code: "VALIDATION_ERROR" });
          return;
        }
        expect(url.host).toBe("api.example.com");
        expect(url.pathname.startsWith("/v1/things/") && url.pathname.endsWith("/end")).toBe(true);
        expect(url.search + url.hash).toBe("");
        const parts = url.pathname.split("/").slice(3, -1).map(decodeURIComponent);
        expect(parts.join("/")).toBe(color);
      }),
      { numRuns: 500 },
    );
  });
});

it("a query says what was given, and nothing else", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string(), { maxKeys: 5 }), (values) => {
      const names = Object.keys(values).filter((name) => name !== "__proto__");
      const template = aTemplate({ parameters: names.map((name) => aParameter(name)) });
      const { searchParams } = new URL(requestOf(template, values, BASE).url);
      expect([...searchParams]).toEqual(names.map((name) => [name, values[name]]));
    }),
  );
});

it("a header takes no line break", () => {
  const template = aTemplate({ parameters: [aParameter("X-A", { in: "header" })] });
  for (const value of ["a\r\nHost: evil", "a\nb", "é"]) {
    expect(() => requestOf(template, { "X-A": value }, BASE)).toThrow(/printable ASCII/);
  }
});

it.each([undefined, "ftp://x", "https://u:p@api.example.com", "https://api.example.com?x", "//x"])(
  "a base of %j is refused",
  (baseUrl) => {
    expect(() => requestOf(aTemplate(), {}, { baseUrl })).toThrow(/must be a web address/);
  },
);

describe("bodies", () => {
  const bodyOf = (body: Partial<CallBody>, value: unknown) =>
    requestOf(
      aTemplate({
        verb: "POST",
        body: { form: "json", mediaType: "application/json", files: [], fields: [], ...body },
      }),
      { body: value },
      BASE,
    );

  it("are JSON, text or bytes", () => {
    expect(bodyOf({}, { a: [1] })).toMatchObject({
      headers: { "content-type": "application/json" },
      body: '{"a":[1]}',
    });
    expect(bodyOf({ form: "text", mediaType: "text/plain" }, "hi").body).toBe("hi");
    const binary = { form: "binary", mediaType: "image/png" } as const;
    expect(bodyOf(binary, { contentBase64: "AAEC" }).body).toEqual(Buffer.from([0, 1, 2]));
    expect(() => bodyOf(binary, { contentBase64: "!" })).toThrow(/must be base64/);
  });

  it("are forms, with members in brackets where the document says so", () => {
    const form = { form: "form", mediaType: "application/x-www-form-urlencoded" } as const;
    const fields = [{ name: "card", style: "deepObject", explode: true, asJson: false }] as const;
    const value = { name: "a b&c", tags: ["x", "y"], card: { no: 1, at: [2] }, other: { z: 1 } };
    const { body } = bodyOf({ ...form, fields: [...fields] }, value);
    expect([...new URLSearchParams(String(body))]).toEqual([
      ["name", "a b&c"],
      ["tags", "x"],
      ["tags", "y"],
      ["card[no]", "1"],
      ["card[at][0]", "2"],
      ["other", '{"z":1}'],
    ]);
    expect(() => bodyOf(form, "text")).toThrow(/must be an object/);
  });

  it("are multipart, and what a reader of forms makes of it is what was given", async () => {
    const multipart = { form: "multipart", mediaType: "multipart/form-data" } as const;
    const file = { fileName: 'a"\r\n.txt', contentBase64: "aGk=", mediaType: "text/plain" };
    const { headers, body } = bodyOf({ ...multipart, files: ["file"] }, { note: "n", file });

    const form = await new Response(body, { headers }).formData();
    expect(form.get("note")).toBe("n");
    expect(await (form.get("file") as File).text()).toBe("hi");
    expect((form.get("file") as File).type).toBe("text/plain");
    expect(() =>
      bodyOf(
        { ...multipart, files: ["file"] },
        { file: { ...file, mediaType: "text/plain\r\nX: y" } },
      ),
    ).toThrow(/must look like/);
  });
});
