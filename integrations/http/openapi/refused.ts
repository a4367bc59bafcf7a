/** What of a document cannot be called: by name, with the reason. */
type RefusedBecause =
  | "EXTERNAL_REF"
  | "BROKEN_REF"
  | "PATH"
  | "VERB"
  | "SERVER"
  | "PARAMETER"
  | "COOKIE"
  | "BODY"
  | "SCHEMA"
  | "SECURITY"
  | "LIMIT";

export interface RefusedOperation {
  /** For example `GET /users/{id}`. */
  readonly operation: string;
  readonly reason: RefusedBecause;
  /** A sentence, with the remedy where there is one. */
  readonly detail: string;
}

/** Thrown while an operation is read: the others go on. */
export class Refused extends Error {
  readonly reason: RefusedBecause;

  constructor(reason: RefusedBecause, detail: string) {
    super(detail);
    this.reason = reason;
  }
}
