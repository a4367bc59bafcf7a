export interface Encoded {
  /** With charset or boundary. */
  readonly contentType: string;
  readonly body: string | Uint8Array;
}
