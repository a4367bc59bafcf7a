/** Why no token came. `GRANT`: what was given for it is dead. `CLIENT`: the app itself is refused. */
export type TokenFault = "GRANT" | "CLIENT" | "BUSY" | "UNAVAILABLE" | "UNCLEAR" | "UNEXPECTED";

/** Holds nothing that the vendor wrote. `UNCLEAR`: it may have been done (decision 24). */
export class TokenRefused extends Error {
  override readonly name = "TokenRefused";
  readonly fault: TokenFault;

  constructor(fault: TokenFault, options?: ErrorOptions) {
    super(`The vendor gave no token: ${fault}.`, options);
    this.fault = fault;
  }
}
