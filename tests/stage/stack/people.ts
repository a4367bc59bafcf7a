/** Who asks: clients of the running stack, each with a token of its own. */
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import type { ApiClient } from "../../../client/api-client.ts";
import { stackApi } from "../../../local/stack-api.ts";
import { readStack } from "../../../local/stack-file.ts";
import { stackAws } from "./trace-scan.ts";

/** Admin of the tenant `demo`. */
export const admin = (): ApiClient => stackApi(readStack().apiUrl, readStack().token);
export const viewer = (): ApiClient => stackApi(readStack().apiUrl, readStack().viewerToken);
/** Admin of the tenant `other`. */
export const stranger = (): ApiClient => stackApi(readStack().apiUrl, readStack().otherTenantToken);
export const platform = (): ApiClient => stackApi(readStack().apiUrl, readStack().platformToken);
export const bearing = (token: string | null): ApiClient => stackApi(readStack().apiUrl, token);

const PASSWORD = "Inlet-tests-only-1!";

/** Admin of a tenant of the test's own, signed up as whoever runs the identity provider would. */
export async function anAdminOf(tenantId: string): Promise<ApiClient> {
  const cognito = new CognitoIdentityProviderClient(stackAws());
  const { UserPools: [pool] = [] } = await cognito.send(
    new ListUserPoolsCommand({ MaxResults: 1 }),
  );
  const UserPoolId = pool?.Id;
  const { UserPoolClients: [client] = [] } = await cognito.send(
    new ListUserPoolClientsCommand({ UserPoolId }),
  );

  const Username = `${tenantId}-admin`;
  const UserAttributes = [{ Name: "custom:tenant_id", Value: tenantId }];
  const invited = {
    UserPoolId,
    Username,
    UserAttributes,
    TemporaryPassword: PASSWORD,
    MessageAction: "SUPPRESS",
  } as const;

  await cognito.send(new AdminCreateUserCommand(invited));
  await cognito.send(
    new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: PASSWORD, Permanent: true }),
  );
  await cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName: "admin" }));

  const AuthParameters = { USERNAME: Username, PASSWORD };
  const signIn = {
    ClientId: client?.ClientId,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters,
  } as const;
  const { AuthenticationResult } = await cognito.send(new InitiateAuthCommand(signIn));
  return bearing(AuthenticationResult?.IdToken ?? null);
}
