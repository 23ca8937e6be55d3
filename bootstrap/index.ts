/**
 * What the deployments need before the first one. One stack for each AWS account: `shared` (state and images), `staging`, `production`
 * (who may deploy). Run once by a person with administrator's rights; nothing here is ever a long-lived key.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeployRole } from "./deploy-role";
import { ImageRegistry } from "./image-registry";
import { StateStore } from "./state-store";

function main() {
  const config = new pulumi.Config();
  const region = config.require("region");
  const prefix = config.require("prefix");
  const deployers = config.requireObject<Record<string, string>>("deployers");
  if (deployers["staging"] === undefined || deployers["production"] === undefined) {
    throw new pulumi.RunError(
      "slipway-bootstrap:deployers names the accounts of staging and production, such as " +
        '{"staging": "111122223333", "production": "444455556666"}.',
    );
  }
  const account = aws.getCallerIdentityOutput().accountId;
  const stack = pulumi.getStack();
  switch (stack) {
    case "shared": {
      const store = new StateStore("state", { account, prefix, project: "slipway", deployers });
      const registry = new ImageRegistry("images", { service: config.require("service"), deployers });
      return { backend: store.backend, registry: registry.url };
    }
    case "staging":
    case "production": {
      const repository = config.require("repository");
      const role = new DeployRole("deploy", {
        ...{ account, prefix, environment: stack, repository, region, deployers },
      });
      return { role: role.arn, secretsProvider: role.secretsProvider };
    }
    default:
      throw new pulumi.RunError(
        `There is no stack "${stack}" in this project; there are: shared, staging, production.`,
      );
  }
}

export = main;
