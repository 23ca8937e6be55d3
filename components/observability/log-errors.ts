import { LogMetricFilter } from "@pulumi/aws/cloudwatch/logMetricFilter";
import * as pulumi from "@pulumi/pulumi";
import { makeAlarms } from "./alarm";

export interface LogErrorsArgs {
  readonly prefix: string;
  readonly service: string;
  /** The group that the service's tasks write to: one JSON object a line, with `level`. */
  readonly logGroupName: pulumi.Input<string>;
  readonly topicArn: pulumi.Input<string>;
  /** How many errors in five minutes are too many. */
  readonly maxErrors: number;
}

/** Counts the lines of a service's log with level `error`, as the metric `Errors` of the namespace `<prefix>/<service>`, and an alarm on it. */
export class LogErrors extends pulumi.ComponentResource {
  constructor(name: string, args: LogErrorsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:observability:LogErrors", name, args, opts);
    const metric = { namespace: `${args.prefix}/${args.service}`, name: "Errors" };
    new LogMetricFilter(
      `${name}-filter`,
      {
        name: `${args.prefix}-${args.service}-errors`,
        logGroupName: args.logGroupName,
        pattern: '{ $.level = "error" }',
        metricTransformation: { ...metric, value: "1", defaultValue: "0", unit: "Count" },
      },
      { parent: this },
    );
    makeAlarms(this, name, `${args.prefix}-${args.service}`, args.topicArn, [
      {
        role: "log-errors",
        alarmDescription: `${args.service} logs at most ${args.maxErrors} errors in five minutes`,
        namespace: metric.namespace,
        metricName: metric.name,
        period: 300,
        statistic: "Sum",
        comparisonOperator: "GreaterThanThreshold",
        threshold: args.maxErrors,
        evaluationPeriods: 1,
        // Nothing logged, no error logged.
        treatMissingData: "notBreaching",
      },
    ]);
    this.registerOutputs({});
  }
}
