import { Budget as AwsBudget } from "@pulumi/aws/budgets/budget";
import * as pulumi from "@pulumi/pulumi";

export interface BudgetArgs {
  readonly prefix: string;
  /** What the whole account may cost in a month, in US dollars. */
  readonly monthlyUsd: number;
  /** Who is told, 1 to 10 addresses. */
  readonly emails: readonly string[];
}

/**
 * A budget for the account's month, told by mail at 80 and 100 percent spent, and as soon as the forecast says 100. It stops nothing. Costs
 * are known to AWS up to a day late.
 */
export class Budget extends pulumi.ComponentResource {
  constructor(name: string, args: BudgetArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:observability:Budget", name, args, opts);
    const at = (threshold: number, notificationType: "ACTUAL" | "FORECASTED") => ({
      threshold,
      thresholdType: "PERCENTAGE",
      comparisonOperator: "GREATER_THAN",
      notificationType,
      subscriberEmailAddresses: [...args.emails],
    });
    new AwsBudget(
      `${name}-month`,
      {
        name: `${args.prefix}-month`,
        budgetType: "COST",
        timeUnit: "MONTHLY",
        // AWS answers with one digit after the point, and "300" would differ from "300.0" for ever.
        limitAmount: args.monthlyUsd.toFixed(1),
        limitUnit: "USD",
        notifications: [at(80, "ACTUAL"), at(100, "ACTUAL"), at(100, "FORECASTED")],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
