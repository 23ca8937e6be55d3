/** docs/deployment/env_matrix.md, from the configuration of every stack and the secrets matrix. Pure. */
import { environments, type CloudEnvironment, type Environment } from "../stacks/environments";
import { differences } from "./parity";
import type { Place } from "../stacks/schema";
import { secretNames, secretsMatrix, type SecretSource } from "../stacks/secrets-matrix";

/** A stack's own keys over the project's defaults, as YAML has them, without the namespace. */
export type StackValues = Readonly<Record<string, unknown>>;

export interface MatrixInput {
  readonly stacks: Readonly<Record<Environment, StackValues>>;
  /** By key. */
  readonly descriptions: Readonly<Record<string, string>>;
  /** The variables that the sample service reads. */
  readonly variables: readonly string[];
}

/** Kept apart from the rest: shown in tables of their own, or no setting of an environment. */
const apart = new Set(["environments", "featureFlags", "toggles", "cloud", "docker", "secretRotation"]);

export function envMatrix({ stacks, descriptions, variables }: MatrixInput): string {
  const row = (name: string, cells: readonly string[]): string => `| ${[name, ...cells].join(" | ")} |`;
  const table = (first: string, rows: string[]): string =>
    [
      row(first, environments),
      row(
        "---",
        environments.map(() => "---"),
      ),
      ...rows,
    ].join("\n");
  const byName = (key: string): string[] => {
    const names = environments.flatMap((each) => Object.keys(stacks[each][key] ?? {}));
    return [...new Set(names)].sort();
  };
  const members = (key: string): string[] =>
    byName(key).map((name) =>
      row(
        code(name),
        environments.map((each) => show((stacks[each][key] as StackValues | undefined)?.[name])),
      ),
    );
  const keys = Object.keys(descriptions).filter((key) => !apart.has(key));
  return [
    "# What differs between environments",
    "Made by `npm run docs` from `Pulumi.yaml`, `Pulumi.<stack>.yaml` and `stacks/secrets-matrix.ts`; a test fails when it is stale.",
    "## Where an environment is",
    table(
      "",
      mapping(stacks).map(([name, cells]) => row(name, cells)),
    ),
    "## Secrets",
    secretTable(),
    "Nothing secret is in a configuration file in the clear, or in an output. Services on AWS are given the ARN of a secret and never the stack's copy.",
    "## Feature flags",
    members("featureFlags").length === 0
      ? "None is set; a flag that a service knows and nobody sets is off."
      : table("flag", members("featureFlags")),
    "## Toggles",
    table("toggle", members("toggles")),
    "## Variables of a service's processes",
    `The sample service reads ${variables.map(code).join(", ")}; every environment gives it those that have no default.`,
    "## Variables of the deploying process",
    deployTable,
    "## Size and protection on AWS",
    table(
      "`slipway:cloud`",
      flat(stacks, "cloud").map(([name, cells]) => row(code(name), cells)),
    ),
    "## Why staging and production differ",
    [
      "| setting | reason |",
      "| --- | --- |",
      ...differences.map(({ setting, why }) => `| ${code(setting)} | ${why} |`),
    ].join("\n"),
    "## Everything else",
    table(
      "key",
      keys.map((key) =>
        row(
          code(key),
          environments.map((each) => show(stacks[each][key])),
        ),
      ),
    ),
    ...keys.map((key) => `- ${code(key)}: ${descriptions[key] ?? ""}`),
  ]
    .join("\n\n")
    .replaceAll("\n\n- ", "\n- ")
    .replace("\n- ", "\n\n- ");
}

function mapping(stacks: MatrixInput["stacks"]): [string, string[]][] {
  const cell = (of: (place: Place, environment: CloudEnvironment) => string, local: string): string[] =>
    environments.map((each) => (each === "local" ? local : of(placeOf(stacks[each], each), each)));
  const approval = (how: Place["deploy"]): string => (how === "automatic" ? "yes" : "no: by approval");
  return [
    ["branch", cell(({ branch }) => code(branch), "any checkout")],
    ["URL", cell(({ domain }) => `<https://${domain}>`, "<http://127.0.0.1:8080>")],
    ["D1 database", cell((_, each) => code(`${String(stacks[each]["prefix"])}-${each}-edge`), "—")],
    ["auto-deploy on push", cell(({ deploy }) => approval(deploy), "no")],
    ["auto-migrate", cell(({ migrate }) => approval(migrate), "yes")],
    ["AWS account", cell(({ account }) => code(account), "—")],
    ["region", cell(({ region }) => code(region), "—")],
    ["zones", cell(({ zones }) => zones.map((zone) => zone.slice(-1)).join(", "), "—")],
    ["network", cell(({ cidr }) => code(cidr), "—")],
  ];
}

function placeOf(values: StackValues, environment: CloudEnvironment): Place {
  return (values["environments"] as Record<CloudEnvironment, Place>)[environment];
}

function secretTable(): string {
  const rows = secretNames.map((name) => {
    const { purpose, owner, rotationDays, consumers, sources } = secretsMatrix[name];
    const cells = environments.map((each) => describeSource(sources[each]));
    return `| ${[code(name), purpose, ...cells, owner, `${rotationDays} days`, consumers.join(", ")].join(" | ")} |`;
  });
  return [
    `| secret | what it is | ${environments.join(" | ")} | owner | a value lives | used by |`,
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function describeSource(source: SecretSource): string {
  switch (source.kind) {
    case "generated":
      return `made by the stack, ${source.length} characters, encrypted in its state`;
    case "config":
      return "encrypted in the stack's configuration";
    case "vault":
      return `AWS Secrets Manager, KMS; rotated by ${source.rotatedBy === "RDS" ? "RDS" : "the stack"}`;
    case "environment":
      return `${code(source.variable)} of the deploying process`;
    case "absent":
      return "—";
  }
}

const deployTable = [
  "| variable | local | staging | production |",
  "| --- | --- | --- | --- |",
  "| `PULUMI_CONFIG_PASSPHRASE` or `…_FILE` | made at the first `up` | — (KMS) | — (KMS) |",
  "| `PULUMI_BACKEND_URL` | `.slipway/state` | the state bucket, or Pulumi Cloud | as staging |",
  "| AWS credentials | — | by OIDC, an hour long | by OIDC, an hour long |",
  "| `CLOUDFLARE_API_TOKEN` | — | secret of the GitHub environment | secret of the GitHub environment |",
  "| `SLIPWAY_ACTOR` | git's e-mail address | who started the workflow | who started the workflow |",
].join("\n");

/** Every leaf of an object key, with its dotted name. */
function flat(stacks: MatrixInput["stacks"], key: string): [string, string[]][] {
  const leaves = (value: unknown, name: string): [string, unknown][] =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.entries(value).flatMap(([inner, each]) =>
          leaves(each, name === "" ? inner : `${name}.${inner}`),
        )
      : [[name, value]];
  const all = environments.map((each) => new Map(leaves(stacks[each][key], "")));
  const names = new Set(all.flatMap((map) => [...map.keys()]).filter((name) => name !== ""));
  return [...names].map((name) => [name, all.map((map) => show(map.get(name)))]);
}

const code = (text: string): string => `\`${text}\``;

function show(value: unknown): string {
  if (value === undefined || value === null || value === "") return "—";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return code(text.replace(/@sha256:([0-9a-f]{7})[0-9a-f]{57}/, "@sha256:$1…"));
}
