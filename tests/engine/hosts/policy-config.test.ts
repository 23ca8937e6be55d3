import assert from "node:assert/strict";
import {
  layerPolicyConfig,
  parsePolicyConfig,
  policyConfigFaults,
} from "../../../engine/hosts/policy-config";
import type { PolicyDescription } from "../../../engine/hosts/policy-config";

const limit: PolicyDescription = {
  name: "limit",
  enforcementLevel: "mandatory",
  properties: {
    maximum: { type: "integer", minimum: 1, default: 10 },
    unit: { type: "string", enum: ["kg", "g"] },
  },
  required: [],
};
const named: PolicyDescription = {
  name: "named",
  enforcementLevel: "advisory",
  properties: { prefix: { type: "string" } },
  required: ["prefix"],
};

describe("engine/hosts/policy-config", () => {
  it("reads levels, properties, and both", () => {
    const text =
      '{"all":"advisory","limit":{"enforcementLevel":"mandatory","maximum":3},"named":{"prefix":"x"}}';
    assert.deepEqual(parsePolicyConfig(text, "policies.json"), {
      all: { enforcementLevel: "advisory", properties: {} },
      limit: { enforcementLevel: "mandatory", properties: { maximum: 3 } },
      named: { properties: { prefix: "x" } },
    });
    assert.deepEqual(parsePolicyConfig(" \n", "policies.json"), {});
  });

  it("names the file and every fault in it", () => {
    const text = '{"limit":"strict","named":3,"other":{"enforcementLevel":7}}';
    assert.throws(() => parsePolicyConfig(text, "policies.json"), {
      message:
        "the policy configuration policies.json is not valid:\n" +
        '  limit: "strict" is not an enforcement level; use one of advisory, mandatory, remediate, disabled\n' +
        "  named: 3 is not a valid value; give a level or an object\n" +
        "  other: 7 is not an enforcement level; use one of advisory, mandatory, remediate, disabled",
    });
    assert.throws(
      () => parsePolicyConfig("{", "policies.json"),
      /^Error: the policy configuration policies\.json is not JSON: /,
    );
    assert.throws(() => parsePolicyConfig("[]", "policies.json"), {
      message: "the policy configuration policies.json must be a JSON object",
    });
  });

  it("begins with the policies' own levels and their schemas' defaults", () => {
    assert.deepEqual(layerPolicyConfig([limit, named], []), {
      limit: { enforcementLevel: "mandatory", properties: { maximum: 10 } },
      named: { enforcementLevel: "advisory", properties: {} },
    });
  });

  it("lays layer over layer, and in each the policies' own entries over what it says of all", () => {
    const config = layerPolicyConfig(
      [limit, named],
      [
        { limit: { enforcementLevel: "advisory", properties: { maximum: 5, unit: "kg" } } },
        {
          named: { enforcementLevel: "mandatory", properties: { prefix: "p" } },
          all: { enforcementLevel: "disabled", properties: {} },
          limit: { properties: { maximum: 7 } },
        },
      ],
    );
    assert.deepEqual(config, {
      limit: { enforcementLevel: "disabled", properties: { maximum: 7, unit: "kg" } },
      named: { enforcementLevel: "mandatory", properties: { prefix: "p" } },
    });
  });

  it("finds every fault against the schemas, naming policy and property", () => {
    const config = layerPolicyConfig(
      [limit, named],
      [{ limit: { properties: { maximum: 0, unit: "stone" } } }],
    );
    assert.deepEqual(policyConfigFaults([limit, named], config), [
      "limit: maximum: Too small: expected number to be >=1",
      'limit: unit: Invalid option: expected one of "kg"|"g"',
      "named: prefix: is required",
    ]);
    const mended = layerPolicyConfig([limit, named], [{ named: { properties: { prefix: "p" } } }]);
    assert.deepEqual(policyConfigFaults([limit, named], mended), []);
  });
});
