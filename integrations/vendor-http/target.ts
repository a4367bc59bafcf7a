/** Judges where a request goes, as far as its URL tells. */
import { type EgressRules, mayConnect } from "../../core/egress-guard.ts";
import { VendorError } from "./vendor-error.ts";

const MOST_URL = 16_384;
/** One reading of where host, path and query begin: what parsers differ in is refused. */
const FORM = /^(https?:\/\/[^/?#\\@]+)(\/[^?#\\]*)?(\?[^#\\]*)?$/i;
/** Visible ASCII: a parser drops line breaks and tabs, and encodes the rest in its own way. */
const VISIBLE = /^[\x21-\x7e]+$/;
const DOTS = /^(?:\.|%2e){1,2}$/i;

/**
 * The parsed URL. Throws `VendorError` `BLOCKED` for one that may not be asked: by its host, scheme
 * or port, with credentials or a fragment in it, or with `..` in its path, which would lead out of
 * the path that a method names.
 */
export function targetOf(url: string, rules: EgressRules): URL {
  const parts = url.length <= MOST_URL && VISIBLE.test(url) ? FORM.exec(url) : null;
  const [, origin = "", path = ""] = parts ?? [];
  if (!parts || !mayConnect(origin, rules)) throw new VendorError("BLOCKED");
  if (path.split("/").some((segment) => DOTS.test(segment))) throw new VendorError("BLOCKED");

  const target = new URL(url);
  if (!mayConnect(target.origin, rules) || target.username || target.password)
    throw new VendorError("BLOCKED");
  return target;
}
