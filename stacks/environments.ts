/** Every environment there is; one stack each. */
export const environments = ["local", "staging", "production"] as const;
export type Environment = (typeof environments)[number];
/** Those on AWS and Cloudflare. */
export type CloudEnvironment = Exclude<Environment, "local">;
