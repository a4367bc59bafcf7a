import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as z from "zod";

/**
 * The Temporal secret: Temporal Cloud with an API key or a client certificate (PEM), or a server
 * without either.
 */
const TemporalSecret = z.strictObject({
  address: z.string().regex(/^[^:/\s]+:\d+$/, "must be host:port"),
  namespace: z.string().min(1),
  apiKey: z.string().min(1).optional(),
  cert: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
});

export interface TemporalSettings {
  readonly namespace: string;
  /** Options of `Connection.connect` and `NativeConnection.connect`. */
  readonly connection: {
    address: string;
    apiKey?: string;
    tls?: true | { clientCertPair: { crt: Buffer; key: Buffer } };
    metadata?: Record<string, string>;
  };
}

/**
 * Reads where Temporal is and how to prove who we are. Names no value of the secret when it is not
 * valid.
 */
export async function readTemporalSettings(secretId: string): Promise<TemporalSettings> {
  const { SecretString } = await new SecretsManagerClient({}).send(
    new GetSecretValueCommand({ SecretId: secretId }),
  );
  return temporalSettings(SecretString ?? "");
}

export function temporalSettings(secretString: string): TemporalSettings {
  const { address, namespace, apiKey, cert, key } = parseSecret(secretString);
  if (apiKey) {
    // A regional address of Temporal Cloud serves many namespaces: the header tells which one the
    // key is for.
    const metadata = { "temporal-namespace": namespace };
    return { namespace, connection: { address, apiKey, tls: true, metadata } };
  }
  if (cert && key) {
    const clientCertPair = { crt: Buffer.from(cert), key: Buffer.from(key) };
    return { namespace, connection: { address, tls: { clientCertPair } } };
  }
  return { namespace, connection: { address } };
}

function parseSecret(secretString: string): z.infer<typeof TemporalSecret> {
  let document: unknown;
  try {
    document = JSON.parse(secretString);
  } catch {
    throw new Error(
      "The Temporal secret is not JSON. Store {address, namespace, apiKey} or {address, " +
        "namespace, cert, key}.",
    );
  }

  const { data, error } = TemporalSecret.safeParse(document);
  if (!data) throw new Error(`The Temporal secret is not valid: ${z.prettifyError(error)}`);
  if ((data.cert === undefined) !== (data.key === undefined)) {
    throw new Error("The Temporal secret has only one of cert and key. Store both.");
  }
  return data;
}
