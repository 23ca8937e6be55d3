/** Logs, alarms, dashboards, notifications, functions, canaries, budgets. */
import { isObject, type Properties, type Value } from "../../../values";
import type { Fault } from "../fault";
import { isGiven, listAt, numberAt, pattern, range, textAt, type Asked, type Rule } from "./rule";
import { asText } from "../text";

function* logGroup({ inputs }: Asked): Iterable<Fault> {
  const form = /^[.\-_/#A-Za-z0-9]{1,512}$/;
  yield* pattern(
    inputs,
    "name",
    form,
    "at most 512 of letters, digits and .-_/#",
    "CloudWatch Logs API, CreateLogGroup",
  );
}

function* metricFilter({ inputs }: Asked): Iterable<Fault> {
  const source = "CloudWatch Logs API, PutMetricFilter";
  yield* pattern(inputs, "name", /^[^:*]{1,512}$/, "at most 512 characters without : and *", source);
  if (
    isGiven(inputs, "metricTransformation") &&
    textAt(inputs, "metricTransformation.defaultValue") !== undefined
  ) {
    const transformation = inputs["metricTransformation"];
    if (isObject(transformation) && isGiven(transformation, "dimensions")) {
      const allowed = "it cannot be given with dimensions";
      yield { path: "metricTransformation.defaultValue", allowed, source };
    }
  }
}

const COMPARISONS = [
  "GreaterThanOrEqualToThreshold",
  "GreaterThanThreshold",
  "GreaterThanUpperThreshold",
  "LessThanLowerOrGreaterThanUpperThreshold",
  "LessThanLowerThreshold",
  "LessThanOrEqualToThreshold",
  "LessThanThreshold",
];
const STATISTICS = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
const ALARM = "CloudWatch API, PutMetricAlarm";

function* oneOf(
  inputs: Properties,
  path: string,
  values: readonly string[],
  source: string,
): Iterable<Fault> {
  const text = textAt(inputs, path);
  if (text !== undefined && !values.includes(text)) {
    yield { path, allowed: `it must be one of ${values.join(", ")}`, source };
  }
}

function* alarm({ inputs }: Asked): Iterable<Fault> {
  yield* pattern(inputs, "name", /^[\s\S]{1,255}$/, "of 1 to 255 characters", ALARM);
  yield* oneOf(inputs, "comparisonOperator", COMPARISONS, ALARM);
  yield* oneOf(inputs, "statistic", STATISTICS, ALARM);
  yield* oneOf(inputs, "treatMissingData", ["breaching", "notBreaching", "ignore", "missing"], ALARM);
  const queries = isGiven(inputs, "metricQueries");
  if (queries === isGiven(inputs, "metricName")) {
    yield { path: "metricName", allowed: "exactly one of it and metricQueries must be given", source: ALARM };
  }
  if (!queries && isGiven(inputs, "statistic") === isGiven(inputs, "extendedStatistic")) {
    yield {
      path: "statistic",
      allowed: "exactly one of it and extendedStatistic must be given",
      source: ALARM,
    };
  }
  if (!queries && !isGiven(inputs, "period"))
    yield { path: "period", allowed: "it is required", source: ALARM };
  yield* pattern(
    inputs,
    "extendedStatistic",
    /^(p\d{1,2}(\.\d+)?|p100|(tm|tc|ts|wm|pr|iqm).*)$/i,
    "such as p95",
    ALARM,
  );
  const periods = numberAt(inputs, "evaluationPeriods");
  yield* range(inputs, "datapointsToAlarm", [1, periods ?? Infinity], `${ALARM}, DatapointsToAlarm`);
  const period = numberAt(inputs, "period");
  if (period === undefined) return;
  if (![10, 20, 30].includes(period) && (period < 60 || period % 60 !== 0)) {
    yield { path: "period", allowed: "it must be 10, 20, 30 or a multiple of 60 seconds", source: ALARM };
  }
  // A day, or a week for periods of an hour and more.
  const most = period < 3600 ? 86_400 : 604_800;
  if (periods !== undefined && periods * period > most) {
    const allowed = `evaluationPeriods times period must not exceed ${most} seconds`;
    yield { path: "evaluationPeriods", allowed, source: ALARM };
  }
}

function* dashboard({ inputs }: Asked): Iterable<Fault> {
  const source = "CloudWatch user guide, Dashboard body structure and syntax";
  yield* pattern(
    inputs,
    "dashboardName",
    /^[\w-]{1,255}$/,
    "at most 255 of letters, digits, - and _",
    source,
  );
  const path = "dashboardBody";
  const text = textAt(inputs, path);
  if (text === undefined) return;
  let body: Value;
  try {
    body = JSON.parse(text) as Value;
  } catch {
    body = null;
  }
  const widgets = isObject(body) ? body["widgets"] : undefined;
  if (!Array.isArray(widgets) || widgets.length > 500) {
    yield { path, allowed: "it must be a JSON object with at most 500 widgets", source };
    return;
  }
  for (const [index, widget] of widgets.entries()) {
    if (!isObject(widget)) continue;
    const { x = 0, width = 6, type, properties } = widget;
    if (Number(x) + Number(width) > 24) {
      yield { path, allowed: `widgets[${index}]: x and width together must not exceed 24`, source };
    }
    if (!["metric", "text", "log", "alarm", "explorer"].includes(asText(type)) || !isObject(properties)) {
      yield {
        path,
        allowed: `widgets[${index}] must have a type of metric, text, log, alarm or explorer, and properties`,
        source,
      };
    }
  }
}

function* topic({ inputs }: Asked): Iterable<Fault> {
  const form = inputs["fifoTopic"] === true ? /^[\w-]{1,251}\.fifo$/ : /^[\w-]{1,256}$/;
  const allowed = "at most 256 of letters, digits, - and _, with .fifo at the end of a FIFO topic's";
  yield* pattern(inputs, "name", form, allowed, "SNS API, CreateTopic");
}

const PROTOCOLS = ["http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"];

function* subscription({ inputs }: Asked): Iterable<Fault> {
  const source = "SNS API, Subscribe";
  yield* oneOf(inputs, "protocol", PROTOCOLS, source);
  const protocol = textAt(inputs, "protocol");
  if (protocol === "email") {
    yield* pattern(inputs, "endpoint", /^[^@\s]+@[^@\s]+\.[^@\s]+$/, "an e-mail address", source);
  }
  if (protocol === "lambda" || protocol === "sqs")
    yield* pattern(inputs, "endpoint", /^arn:/, "an ARN", source);
}

const RESERVED =
  /^(?!(AWS_REGION|AWS_DEFAULT_REGION|AWS_LAMBDA_.*|AWS_ACCESS_KEY(_ID)?|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR|AWS_EXECUTION_ENV)$)[A-Za-z]\w+$/;

function* lambda({ inputs }: Asked): Iterable<Fault> {
  const source = "Lambda API, CreateFunction";
  yield* pattern(inputs, "name", /^[\w-]{1,64}$/, "at most 64 of letters, digits, - and _", source);
  yield* range(inputs, "timeout", [1, 900], `${source}, Timeout`);
  yield* range(inputs, "memorySize", [128, 10240], `${source}, MemorySize`);
  yield* range(inputs, "ephemeralStorage.size", [512, 10240], `${source}, EphemeralStorage`);
  if (textAt(inputs, "packageType") === "Image") {
    if (!isGiven(inputs, "imageUri"))
      yield { path: "imageUri", allowed: "it is required for an image", source };
  } else {
    for (const path of ["handler", "runtime"]) {
      if (!isGiven(inputs, path)) yield { path, allowed: "it is required for a ZIP archive", source };
    }
    if (isGiven(inputs, "code") === isGiven(inputs, "s3Bucket")) {
      yield { path: "code", allowed: "exactly one of it and s3Bucket must be given", source };
    }
  }
  const variables = isObject(inputs["environment"]) ? inputs["environment"]["variables"] : undefined;
  if (!isObject(variables)) return;
  for (const name of Object.keys(variables)) {
    if (RESERVED.test(name)) continue;
    const allowed =
      "it must start with a letter, be of letters, digits and _, two at least, and not be reserved";
    yield {
      path: `environment.variables["${name}"]`,
      allowed,
      source: "Lambda developer guide, Environment variables",
    };
  }
  if (JSON.stringify(variables).length > 4096) {
    const allowed = "its variables must not exceed 4 KB together";
    yield { path: "environment", allowed, source: "Lambda quotas" };
  }
}

function* canary({ inputs }: Asked): Iterable<Fault> {
  const source = "Synthetics API, CreateCanary";
  yield* pattern(inputs, "name", /^[0-9a-z_-]{1,255}$/, "at most 255 of a-z, 0-9, - and _", source);
  yield* pattern(inputs, "artifactS3Location", /^s3:\/\/[a-z0-9]/, "s3://<bucket>/<prefix>", source);
  yield* pattern(inputs, "schedule.expression", /^(rate|cron)\(.+\)$/, "rate(…) or cron(…)", source);
  yield* range(inputs, "runConfig.timeoutInSeconds", [3, 840], source);
  const memory = numberAt(inputs, "runConfig.memoryInMb");
  if (memory !== undefined && (memory < 960 || memory > 3008 || memory % 64 !== 0)) {
    yield { path: "runConfig.memoryInMb", allowed: "it must be a multiple of 64 from 960 to 3008", source };
  }
}

function* budget({ inputs }: Asked): Iterable<Fault> {
  const source = "AWS Budgets API, CreateBudget";
  yield* pattern(inputs, "name", /^[^:\\]{1,100}$/, "at most 100 characters without : and \\", source);
  yield* pattern(inputs, "limitAmount", /^\d+(\.\d+)?$/, 'an amount as a string, such as "100"', source);
  const notifications = listAt(inputs, "notifications");
  if (notifications.length > 5) yield { path: "notifications", allowed: "there may be 5 at most", source };
  for (const [index, notification] of notifications.entries()) {
    if (!isObject(notification)) continue;
    const addresses = ["subscriberEmailAddresses", "subscriberSnsTopicArns"].filter((key) =>
      isGiven(notification, key),
    );
    if (addresses.length === 0) {
      yield { path: `notifications[${index}]`, allowed: "it must have a subscriber", source };
    }
  }
}

export const operationRules: Readonly<Record<string, readonly Rule[]>> = {
  "aws:cloudwatch/logGroup:LogGroup": [logGroup],
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": [metricFilter],
  "aws:cloudwatch/metricAlarm:MetricAlarm": [alarm],
  "aws:cloudwatch/dashboard:Dashboard": [dashboard],
  "aws:sns/topic:Topic": [topic],
  "aws:sns/topicSubscription:TopicSubscription": [subscription],
  "aws:lambda/function:Function": [lambda],
  "aws:synthetics/canary:Canary": [canary],
  "aws:budgets/budget:Budget": [budget],
};
