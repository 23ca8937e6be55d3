/** Which image a task may run. Pure. */

export interface EcrImage {
  readonly account: string;
  readonly region: string;
  readonly repository: string;
}

/**
 * The ECR repository that an image is in; undefined for one in another registry.
 *
 * @throws Error for an image without registry or digest: a tag can mean another image tomorrow, and a bare digest names no place
 */
export function ecrImage(image: string): EcrImage | undefined {
  if (!/^[a-z0-9][a-z0-9.-]*\.[a-z]+(?::\d+)?\/[a-z0-9._/-]+(?::[\w.-]+)?@sha256:[0-9a-f]{64}$/.test(image)) {
    throw new Error(
      `image is "${image}"; a task runs an image in a registry, pinned by digest, such as ` +
        '"123456789012.dkr.ecr.eu-central-1.amazonaws.com/sample@sha256:<64 hex>". Push the image and use the digest that the push printed.',
    );
  }
  const ecr = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([a-z0-9._/-]+)/.exec(image);
  const [, account, region, repository] = ecr ?? [];
  if (account === undefined || region === undefined || repository === undefined) return undefined;
  return { account, region, repository };
}
