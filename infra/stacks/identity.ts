import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import {
  CfnUserPoolGroup,
  Mfa,
  StringAttribute,
  UserPool,
  type UserPoolClient,
} from "aws-cdk-lib/aws-cognito";
import type { Construct } from "constructs";
import { accept } from "../constructs/reasons.ts";
import type { Environment } from "../environments.ts";

const GROUPS = ["viewer", "operator", "admin", "platform"];

export interface Oidc {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
}

/** Who may call: a user pool whose tokens carry the tenant and, as groups, the roles. */
export class IdentityStack extends Stack {
  readonly pool: UserPool;
  readonly client: UserPoolClient;
  readonly oidc: Oidc;

  constructor(scope: Construct, id: string, environment: Environment, props: StackProps) {
    super(scope, id, props);
    this.pool = new UserPool(this, "Users", {
      selfSignUpEnabled: false,
      signInAliases: { username: true, email: true },
      customAttributes: {
        tenant_id: new StringAttribute({ minLen: 1, maxLen: 64, mutable: false }),
      },
      passwordPolicy: {
        minLength: 14,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      deletionProtection: environment.keepsData,
      removalPolicy: environment.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    accept(this.pool, {
      COG2:
        "Machine clients sign in with a password flow; people are asked for a second factor " +
        "once they enrol one.",
      COG3:
        "Threat protection needs the Plus plan, which the operator of an environment decides " +
        "on.",
      COG8: "The Plus plan is a cost that the operator of an environment decides on.",
    });
    for (const groupName of GROUPS) {
      new CfnUserPoolGroup(this, `Group-${groupName}`, {
        userPoolId: this.pool.userPoolId,
        groupName,
      });
    }
    this.client = this.pool.addClient("Client", {
      authFlows: { userPassword: true, userSrp: true },
      idTokenValidity: environment.name === "local" ? Duration.days(1) : Duration.hours(1),
      refreshTokenValidity: Duration.days(30),
      preventUserExistenceErrors: true,
      disableOAuth: true,
    });
    this.oidc = this.issuerOf(environment);
    new CfnOutput(this, "UserPoolId", { value: this.pool.userPoolId });
    new CfnOutput(this, "UserPoolClientId", { value: this.client.userPoolClientId });
  }

  /**
   * The emulator signs with AWS's issuer name but serves the keys itself, at the port given as
   * context.
   */
  private issuerOf(environment: Environment): Oidc {
    const { userPoolId } = this.pool;
    const issuer = `https://cognito-idp.${environment.region}.amazonaws.com/${userPoolId}`;
    const keysAt =
      environment.name === "local"
        ? `${this.node.getContext("awsEndpointUrl")}/${userPoolId}`
        : issuer;
    return {
      issuer,
      audience: this.client.userPoolClientId,
      jwksUri: `${keysAt}/.well-known/jwks.json`,
    };
  }
}
