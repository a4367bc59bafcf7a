/** Files as the contents API gives and takes them: in base64. */
import type { Params, VendorAnswer } from "../plugin.ts";
import { isObject, type JsonObject, jsonOf, objectOf } from "../requests/json-messages.ts";
import { base64Of } from "../requests/multipart.ts";
import { unfit } from "../requests/vendor-url.ts";

/**
 * A file with its text, or with its bytes where they are no text; a folder with what is in it.
 * Addresses for downloading hold a token of a private repository, and are left out.
 */
export function fileData(answer: VendorAnswer) {
  const found = jsonOf(answer);
  if (Array.isArray(found))
    return { type: "dir", items: found.filter(isObject).map(shown), nextPage: null };

  const file = objectOf(answer);
  return { ...shown(file), ...contentOf(file) };
}

/** The bytes to write: of `content`, or of `contentBase64`. */
export function writtenContent({ content, contentBase64 }: Params): string {
  if ((content === undefined) === (contentBase64 === undefined))
    throw unfit("content", "or `contentBase64` is required, and not both");
  return content === undefined
    ? base64Of("contentBase64", contentBase64).toString("base64")
    : Buffer.from(String(content)).toString("base64");
}

export function writtenData(answer: VendorAnswer) {
  const { content, commit } = objectOf(answer);
  return {
    content: isObject(content) ? shown(content) : null,
    commit: isObject(commit) ? { sha: commit.sha, html_url: commit.html_url } : null,
  };
}

function shown({ type, name, path, sha, size, html_url }: JsonObject) {
  return { type, name, path, sha, size, html_url };
}

/** GitHub gives no content of a file above 1 MB. */
function contentOf({ content, encoding }: JsonObject) {
  if (typeof content !== "string" || encoding !== "base64")
    return { encoding: "none", content: null };

  const bytes = Buffer.from(content, "base64");
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { encoding: "utf-8", content: text };
  } catch {
    return { encoding: "base64", content: bytes.toString("base64") };
  }
}
