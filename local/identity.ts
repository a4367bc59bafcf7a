/**
 * People of the demo: users in the emulator's Cognito, signed in for tokens as any client would.
 */
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  UsernameExistsException,
} from "@aws-sdk/client-cognito-identity-provider";
import { type Deployment, required } from "./deploy.ts";

export interface Tokens {
  /** Admin of the demo tenant. */
  readonly token: string;
  readonly viewerToken: string;
  /** Admin of another tenant, to see that tenants do not see each other. */
  readonly otherTenantToken: string;
  /** Of the platform, which manages tenants and may nothing inside one. */
  readonly platformToken: string;
}

/** Of a pool that exists only on this machine. */
const PASSWORD = "Inlet-local-only-1!";

export async function signInDemoUsers({ outputs }: Deployment): Promise<Tokens> {
  const pool = required(outputs, "UserPoolId");
  const client = required(outputs, "UserPoolClientId");

  return {
    token: await signIn(pool, client, { name: "demo-admin", tenantId: "demo", group: "admin" }),
    viewerToken: await signIn(pool, client, {
      name: "demo-viewer",
      tenantId: "demo",
      group: "viewer",
    }),
    otherTenantToken: await signIn(pool, client, {
      name: "other-admin",
      tenantId: "other",
      group: "admin",
    }),
    platformToken: await signIn(pool, client, {
      name: "platform",
      tenantId: "platform",
      group: "platform",
    }),
  };
}

async function signIn(
  UserPoolId: string,
  ClientId: string,
  user: { name: string; tenantId: string; group: string },
): Promise<string> {
  const cognito = new CognitoIdentityProviderClient({});
  const Username = user.name;
  const UserAttributes = [{ Name: "custom:tenant_id", Value: user.tenantId }];

  try {
    await cognito.send(
      new AdminCreateUserCommand({
        UserPoolId,
        Username,
        UserAttributes,
        TemporaryPassword: PASSWORD,
        MessageAction: "SUPPRESS",
      }),
    );
    await cognito.send(
      new AdminSetUserPasswordCommand({
        UserPoolId,
        Username,
        Password: PASSWORD,
        Permanent: true,
      }),
    );
    await cognito.send(
      new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName: user.group }),
    );
  } catch (error) {
    if (!(error instanceof UsernameExistsException)) throw error;
  }

  const AuthParameters = { USERNAME: Username, PASSWORD };
  const signedIn = await cognito.send(
    new InitiateAuthCommand({ ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters }),
  );
  const token = signedIn.AuthenticationResult?.IdToken;
  if (!token) throw new Error(`${user.name} could not sign in. Run \`npm start -- --fresh\`.`);
  return token;
}
