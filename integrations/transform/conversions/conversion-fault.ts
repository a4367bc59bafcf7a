/** A value that has no other form without loss. The message ends with the remedy, without it. */
export class ConversionFault extends Error {}

export type Scalar = string | number | boolean;
