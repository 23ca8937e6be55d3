import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { environments } from "../../stacks/environments";
import { checkRotation, declareSecrets } from "../../stacks/secrets";
import { secretNames, secretsMatrix } from "../../stacks/secrets-matrix";
import { declaredBy } from "../support/mocks";

describe("stacks/secrets", () => {
  it("has an answer for every secret in every environment, an owner, a period and a consumer", () => {
    for (const name of secretNames) {
      const { sources, owner, rotationDays, consumers } = secretsMatrix[name];
      assert.deepEqual(Object.keys(sources), [...environments]);
      assert.ok(owner !== "" && rotationDays > 0 && rotationDays <= 90 && consumers.length > 0, name);
    }
  });

  it("generates a password for each rotation that is in use, the first one under the secret's plain name", async () => {
    const declared = await declaredBy(() => {
      declareSecrets("local", "slipway", { postgresPassword: ["", ""], redisPassword: ["2026-11", ""] });
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
          name: "secrets-redisPassword-05e01bd6",
          inputs: { length: 32, special: false, keepers: { rotation: "2026-11" } },
        },
        {
          type: "random:index/randomPassword:RandomPassword",
          name: "secrets-redisPassword",
          inputs: { length: 32, special: false, keepers: { rotation: "" } },
        },
      ],
    );
  });

  it("hands out secret outputs only", async () => {
    const outputs: pulumi.Output<string>[] = [];
    await declaredBy(() => {
      const secret = declareSecrets("local", "slipway", { postgresPassword: [""], redisPassword: ["1"] });
      outputs.push(secret("postgresPassword", ""), secret("redisPassword", "1"));
    });
    assert.equal(outputs.length, 2);
    for (const output of outputs) assert.equal(await pulumi.isSecret(output), true);
  });

  it("refuses the rotation of a secret that is absent from the matrix", () => {
    assert.throws(() => checkRotation("local", { apiKey: "1" }), {
      message:
        "slipway:secretRotation names apiKey, absent from the matrix in stacks/secrets-matrix.ts; it makes postgresPassword, redisPassword.",
    });
  });

  it("refuses the rotation of a secret that the environment's stack does not make, naming those it does", () => {
    assert.throws(() => checkRotation("staging", { postgresPassword: "1" }), {
      message:
        "slipway:secretRotation names postgresPassword, which staging does not make; it makes redisPassword.",
    });
  });

  it("says of a vault's secret that the stack cannot make it", async () => {
    await declaredBy(() => {
      const secret = declareSecrets("staging", "slipway", { postgresPassword: [""] });
      assert.throws(() => secret("postgresPassword", ""), {
        message: /needs the secret postgresPassword, and in staging its source is "vault"/,
      });
    });
  });
});
