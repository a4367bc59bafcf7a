import { tokensOf } from "./pages.ts";
import { kindOf } from "./vocabulary.ts";

/**
 * What the documents promise, or had before, and no code has: the only names that a page may call
 * not built.
 */
const PROMISED = new Set([
  "sink.hdfs",
  "sink.jdbc",
  "sink.cdm",
  "hdfs.parquet",
  "github",
  "zoho_people",
  "cloudwatch",
  "http",
  "IngestionDriver",
  "IngestionSink",
  "KnowledgeBaseSink",
  "StaticIngestionDriver",
  "POST /connectors",
  "console/",
  "integrations/",
]);

/** Names of a page that the code does not bear out. */
export function wrongNames(content: string): string[] {
  return tokensOf(content).flatMap(({ text: token, absent }) => {
    if (!absent) return kindOf(token) ? [] : [`${token} is unknown`];
    if (!PROMISED.has(token)) return [`${token} was never promised`];
    return kindOf(token) ? [`${token} is built`] : [];
  });
}
