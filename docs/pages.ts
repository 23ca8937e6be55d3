/** The pages that are made from configuration and code. */
import { readFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { parse } from "yaml";
import { parseCloudConfig } from "../stacks/config";
import { environments, type CloudEnvironment, type Environment } from "../stacks/environments";
import { costPage, type CostInput } from "./cost";
import { environmentMatrixMark } from "../stacks/readiness";
import { allRules, policyPage } from "./policy-page";
import { envMatrix, type StackValues } from "./env-matrix";

interface ProjectFile {
  readonly config: Record<string, { description: string; default: unknown }>;
}

/** The pages by path, as they should be. */
export async function pages(): Promise<Record<string, string>> {
  const project = parse(readFileSync("Pulumi.yaml", "utf8")) as ProjectFile;
  const defaults = mapValues(project.config, (each) => each.default);
  const stacks = Object.fromEntries(
    environments.map((environment) => [environment, { ...defaults, ...ownValues(environment) }]),
  ) as Record<Environment, StackValues>;
  const cost = (environment: CloudEnvironment): CostInput => {
    const { place, ...config } = parseCloudConfig(
      environment,
      mapValues(stacks[environment], text),
      () => false,
    );
    return { ...config, zones: place.zones };
  };
  const variables = readFileSync("images/sample/config.ts", "utf8").matchAll(/\("([A-Z][A-Z_]+)"/g);
  return {
    "docs/deployment/env_matrix.md": await formatted(
      `${envMatrix({
        stacks,
        descriptions: mapValues(project.config, (each) => each.description),
        variables: [...new Set([...variables].map(([, name]) => name ?? ""))],
      })}\n\n${environmentMatrixMark(".")}\n`,
    ),
    "docs/policy.md": await formatted(policyPage(await allRules())),
    "docs/deployment/cost.md": await formatted(
      costPage({ staging: cost("staging"), production: cost("production") }),
    ),
  };
}

function ownValues(environment: Environment): StackValues {
  const { config } = parse(readFileSync(`Pulumi.${environment}.yaml`, "utf8")) as { config: StackValues };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("slipway:", ""), value]),
  );
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  of: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, of(value)]));
}

/** As an engine hands a value to the program. */
function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

async function formatted(markdown: string): Promise<string> {
  return format(markdown, { ...(await resolveConfig("docs/x.md")), parser: "markdown" });
}
