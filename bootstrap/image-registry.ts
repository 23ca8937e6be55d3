import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { deployRoleName } from "./state-store";

export interface ImageRegistryArgs {
  /** The service whose images it holds; the repository's name. */
  readonly service: string;
  /** By environment, the account that runs its images. */
  readonly deployers: Readonly<Record<string, string>>;
}

/**
 * The repository of a service's images, the same for every environment: what production runs is byte for byte what staging ran. Tags never
 * move, images are scanned when they are pushed, and untagged ones go after two weeks.
 *
 * Staging's deploy role pushes; tasks of both accounts pull. Destroying it is refused while it holds images.
 */
export class ImageRegistry extends pulumi.ComponentResource {
  /** What images are named by, without tag and digest. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: ImageRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:bootstrap:ImageRegistry", name, args, opts);
    const parent = { parent: this };
    const repository = new aws.ecr.Repository(
      `${name}-repository`,
      {
        name: args.service,
        imageTagMutability: "IMMUTABLE",
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: "KMS" }],
      },
      { parent: this, protect: true },
    );
    new aws.ecr.LifecyclePolicy(
      `${name}-expiry`,
      {
        repository: repository.name,
        policy: JSON.stringify({
          rules: [
            {
              rulePriority: 1,
              description: "What no tag names any more goes",
              selection: {
                tagStatus: "untagged",
                countType: "sinceImagePushed",
                countUnit: "days",
                countNumber: 14,
              },
              action: { type: "expire" },
            },
          ],
        }),
      },
      parent,
    );
    const policy = new aws.ecr.RepositoryPolicy(
      `${name}-access`,
      { repository: repository.name, policy: JSON.stringify(repositoryPolicy(args.deployers)) },
      parent,
    );
    this.url = pulumi.all([repository.repositoryUrl, policy.id]).apply(([url]) => url);
    this.registerOutputs({ url: this.url });
  }
}

const pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const push = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"];

/** Every environment's account pulls; images are built and pushed on the way to staging. */
export function repositoryPolicy(deployers: Readonly<Record<string, string>>): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Pull",
        Effect: "Allow",
        Principal: { AWS: Object.values(deployers).map((id) => `arn:aws:iam::${id}:root`) },
        Action: pull,
      },
      {
        Sid: "Push",
        Effect: "Allow",
        Principal: {
          AWS: `arn:aws:iam::${deployers["staging"] ?? ""}:role/${deployRoleName("staging")}`,
        },
        Action: push,
      },
    ],
  };
}
