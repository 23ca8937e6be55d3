import assert from "node:assert/strict";
import { Budget } from "../../../components/observability/budget";
import { Notifications } from "../../../components/observability/notifications";
import { declaredBy } from "../../support/mocks";

describe("notifications", () => {
  it("are encrypted, take the account's alarms over TLS only, and reach each address", async () => {
    const arn = "arn:aws:sns:eu-central-1:111122223333:slipway-staging-alarms";
    let topicArn = "";
    const declared = await declaredBy(
      () =>
        new Notifications("notifications", {
          prefix: "slipway-staging",
          operationsKeyArn: "arn:key",
          emails: ["ops@example.com", "on.call@example.com"],
        }).topicArn.apply((value) => (topicArn = value)),
      "staging",
      { "aws:sns/topic:Topic": { arn } },
    );
    const inputs = (wanted: string) => declared.find(({ name }) => name === wanted)?.inputs;
    assert.deepEqual(inputs("notifications-topic"), {
      name: "slipway-staging-alarms",
      kmsMasterKeyId: "arn:key",
    });
    assert.deepEqual(JSON.parse(String(inputs("notifications-policy")?.["policy"])), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AlarmsOfThisAccount",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: arn,
          Condition: { StringEquals: { "aws:SourceAccount": "111122223333" } },
        },
        {
          Sid: "TlsOnly",
          Effect: "Deny",
          Principal: "*",
          Action: "sns:Publish",
          Resource: arn,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });
    assert.deepEqual(inputs("notifications-ops-example-com"), {
      topic: arn,
      protocol: "email",
      endpoint: "ops@example.com",
    });
    assert.equal(inputs("notifications-on-call-example-com")?.["endpoint"], "on.call@example.com");
    assert.equal(topicArn, arn);
  });
});

describe("budget", () => {
  it("tells each address at 80 and 100 percent, and when the forecast says 100", async () => {
    const declared = await declaredBy(
      () => new Budget("budget", { prefix: "slipway-staging", monthlyUsd: 400, emails: ["ops@example.com"] }),
    );
    const notification = (threshold: number, notificationType: string) => ({
      threshold,
      thresholdType: "PERCENTAGE",
      comparisonOperator: "GREATER_THAN",
      notificationType,
      subscriberEmailAddresses: ["ops@example.com"],
    });
    assert.deepEqual(declared.find(({ name }) => name === "budget-month")?.inputs, {
      name: "slipway-staging-month",
      budgetType: "COST",
      timeUnit: "MONTHLY",
      limitAmount: "400.0",
      limitUnit: "USD",
      notifications: [
        notification(80, "ACTUAL"),
        notification(100, "ACTUAL"),
        notification(100, "FORECASTED"),
      ],
    });
  });
});
