/** `.slipway/images.json`: the images that set-up found or built on this machine. */
import { z } from "zod";

const preparedImage = z.strictObject({
  /** An image that cannot change under its name: an id in the local Docker, or a name with a digest. */
  reference: z
    .string()
    .regex(
      /^([a-z0-9][a-z0-9._/:-]*@)?sha256:[0-9a-f]{64}$/,
      "an image id, or a name pinned by digest, name@sha256:…",
    ),
  /** The version of the software in it: 17.2, 7.0.15; of the sample service, its package's. */
  version: z.string().regex(/^\d+(\.\d+)+$/, "a version, such as 7.0.15"),
});

/** What set-up writes and the stacks read. The gateway and the sample service are built here whatever the source. */
export const ImagesManifest = z.strictObject({
  /** Official images out of a registry, or everything built here from Debian's packages. */
  source: z.enum(["registry", "debian"]),
  images: z.strictObject({
    postgres: preparedImage,
    redis: preparedImage,
    gateway: preparedImage,
    sample: preparedImage,
  }),
});
export type ImagesManifest = z.infer<typeof ImagesManifest>;

export type ImageSource = ImagesManifest["source"];
export type ImageName = keyof ImagesManifest["images"];
