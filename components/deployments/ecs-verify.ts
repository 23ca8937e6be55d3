/** Whether ECS runs what it was asked to run. Pure. */

export interface Runs {
  readonly service: string;
  readonly clusterArn: string;
  /** ARNs of task definitions. */
  readonly requested: string;
  readonly running: string;
}

/**
 * What is wrong when a service runs another task definition than the one asked for: ECS went back to the last good one, and called
 * the deployment done. Undefined where all is well.
 */
export function rolledBack({ service, clusterArn, requested, running }: Runs): string | undefined {
  if (running === requested) return undefined;
  return (
    `${service} runs ${running}, and not ${requested}, which was asked for: ECS rolled the deployment back. ` +
    `Read why in \`aws ecs list-service-deployments --cluster ${clusterArn} --service ${service}\` and in the service's log, then release ` +
    "a version that mends it. To try this one again, run the update with --refresh."
  );
}
