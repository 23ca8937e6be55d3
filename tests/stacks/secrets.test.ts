import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { environments } from "../../stacks/environments";
import { declareSecrets, secretNames, secretsMatrix, type Secrets } from "../../stacks/secrets";
import { declaredBy } from "../support/mocks";

describe("stacks/secrets", () => {
  it("has an answer for every secret in every environment", () => {
    for (const name of secretNames) assert.deepEqual(Object.keys(secretsMatrix[name]), [...environments]);
  });

  it("generates one password for each secret of the local stack, with the rotation as keeper", async () => {
    const declared = await declaredBy(() => {
      declareSecrets("local", "slipway", { redisPassword: "2026-11" });
    });
    assert.deepEqual(
      declared.filter(({ type }) => type === "random:index/randomPassword:RandomPassword"),
      [
        {
          type: "random:index/randomPassword:RandomPassword",
          name: "secrets-postgresPassword",
          inputs: { length: 32, special: false, keepers: { rotation: "" } },
        },
        {
          type: "random:index/randomPassword:RandomPassword",
          name: "secrets-redisPassword",
          inputs: { length: 32, special: false, keepers: { rotation: "2026-11" } },
        },
      ],
    );
  });

  it("hands out secret outputs only", async () => {
    let secrets: Secrets | undefined;
    await declaredBy(() => {
      secrets = declareSecrets("local", "slipway", {});
    });
    for (const output of Object.values(secrets ?? {})) assert.equal(await pulumi.isSecret(output), true);
  });

  it("refuses the rotation of a secret that the environment does not generate, naming those it does", async () => {
    await declaredBy(() => {
      assert.throws(() => declareSecrets("local", "slipway", { apiKey: "1" }), {
        message:
          "slipway:secretRotation names apiKey, which local does not generate; it generates postgresPassword, redisPassword.",
      });
    });
  });

  it("says of a vault's secret that the stack cannot make it", async () => {
    await declaredBy(() => {
      assert.throws(() => declareSecrets("staging", "slipway", {}), {
        message: /needs the secret postgresPassword, and in staging its source is "vault"/,
      });
    });
  });
});
