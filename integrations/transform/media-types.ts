/** Which format a media type is of. */
export type FormatName = "json" | "form" | "xml" | "csv" | "multipart" | "text";

/** `charset` and `boundary` of a media type, names in lower case. */
export type MediaParameters = Readonly<Record<string, string>>;

/** Undefined where bodies of the media type cannot be read or written. */
export function formatName(mediaType: string): FormatName | undefined {
  const essence = (mediaType.split(";")[0] ?? "").trim().toLowerCase();
  if (/^[^/]+\/([^/]+\+)?json$/.test(essence)) return "json";
  if (/^[^/]+\/([^/]+\+)?xml$/.test(essence)) return "xml";
  if (essence === "application/x-www-form-urlencoded") return "form";
  if (essence === "text/csv" || essence === "application/csv") return "csv";
  if (essence === "multipart/form-data") return "multipart";
  return essence.startsWith("text/") ? "text" : undefined;
}

const PARAMETER = /;\s*([\w-]{1,32})\s*=\s*(?:"([^"\\]{0,200})"|([^\s;"]{1,200}))/g;

export function parametersOf(mediaType: string): MediaParameters {
  const found = [...mediaType.slice(0, 1_000).matchAll(PARAMETER)];
  return Object.fromEntries(
    found.map(([, name = "", quoted, plain]) => [name.toLowerCase(), quoted ?? plain ?? ""]),
  );
}
