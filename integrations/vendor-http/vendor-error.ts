/** Why there is no whole answer. An answer with status 500 is an answer. */
export type VendorErrorKind =
  /** The address or a header is one that we do not send to or with. */
  | "BLOCKED"
  /** No connection, or one that broke, or an answer that is no HTTP. */
  | "UNREACHABLE"
  | "TIMEOUT"
  | "TOO_LARGE"
  | "TLS"
  /** The caller's signal ended it. */
  | "CANCELLED";

/** The same words for every address: they tell no open port from a closed one. */
const MESSAGES: Readonly<Record<VendorErrorKind, string>> = {
  BLOCKED: "The request goes to an address, or carries a header, that is not allowed. Correct it.",
  UNREACHABLE: "The vendor could not be reached, or its answer broke off. Try again later.",
  TIMEOUT: "The vendor did not answer in time. Try again later.",
  TOO_LARGE: "The vendor's answer is larger than what is read. Ask for less.",
  TLS: "The vendor's TLS certificate or version is not trusted. Correct the address, or the site.",
  CANCELLED: "The call was cancelled. Start it again to continue.",
};

/**
 * A request without a whole answer. Its text holds nothing that was sent, received or resolved.
 * `sent`: a byte of the request may have reached the vendor, so it may have been carried out.
 */
export class VendorError extends Error {
  override readonly name = "VendorError";
  readonly kind: VendorErrorKind;
  readonly sent: boolean;

  constructor(kind: VendorErrorKind, sent = false) {
    super(MESSAGES[kind]);
    this.kind = kind;
    this.sent = sent;
  }
}
