import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { cloudflare } from "../../../../policy/cloudflare";
import { disallowTestSettings as rule } from "../../../../policy/rules/configuration/disallow-test-settings";
import { container } from "../../compliant";
import { itJudges } from "../../infrastructure";
import { judge } from "../../support";

const withVariable = (name: string, value: string) => ({ environment: { variables: { [name]: value } } });
const of = (name: string) => `${name} of environment.variables`;

describe("configuration-disallow-test-settings", () => {
  itJudges(rule, [
    [
      aws.function,
      withVariable("DEBUG", "*"),
      `Function "hook" debugs in production (${of("DEBUG")}). Allowed: none. Remove it.`,
    ],
    [
      aws.function,
      withVariable("LOG_LEVEL", "debug"),
      `Function "hook" logs everything in production (${of("LOG_LEVEL")}: debug). Allowed: info, warn or error. Change it.`,
    ],
    [
      aws.function,
      withVariable("NODE_ENV", "development"),
      `Function "hook" does not run as in production (${of("NODE_ENV")}). Allowed: production. Set it.`,
    ],
    [
      aws.function,
      withVariable("MOCK_PAYMENTS", "1"),
      `Function "hook" uses a stand-in in production (${of("MOCK_PAYMENTS")}). Allowed: none. Remove it.`,
    ],
    [
      aws.function,
      withVariable("TOGGLES", '{"payments":"mock","mail":"live"}'),
      `Function "hook" uses a stand-in for payments in production (${of("TOGGLES")}). Allowed: live. Set slipway:toggles to live.`,
    ],
    [
      aws.function,
      withVariable("API_URL", "https://staging.example.com/v1"),
      `Function "hook" names a host of another environment (${of("API_URL")}: one with "staging"). Allowed: production's own. Change it.`,
    ],
    [
      cloudflare.workerVersion,
      { bindings: [{ type: "plain_text", name: "ORIGIN", text: "localhost:8080" }] },
      'WorkerVersion "edge-version" names a host of another environment (ORIGIN of its plain_text bindings: one with "localhost"). Allowed: production\'s own. Change it.',
    ],
  ]);

  it("lets switches that are off pass, and words that are no host", async () => {
    const envs = [
      "DEBUG=false",
      "MOCK_MAIL=0",
      "LOG_LEVEL=info",
      "NODE_ENV=production",
      "NOTE=staging later",
    ];
    assert.deepEqual(await judge(rule, container({ envs })), []);
  });

  it("takes hosts and switches from its configuration", async () => {
    const config = { otherHosts: ["qa."], debugNames: ["CHATTY"] };
    const envs = ["URL=https://qa.example.com", "CHATTY=1", "DEBUG=1", "X=https://staging.example.com"];
    assert.deepEqual(await judge(rule, container({ envs }), { config }), [
      'Container "backbone-redis" names a host of another environment (URL of envs: one with "qa."). Allowed: production\'s own. Change it.',
      'Container "backbone-redis" debugs in production (CHATTY of envs). Allowed: none. Remove it.',
    ]);
  });
});
