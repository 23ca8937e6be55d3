/** Makes a machine ready for the local stack: Docker, then the images. What is there already is left as it is. */
import type { ImagesManifest } from "../../images/manifest";
import { ensureDocker } from "./docker";
import { prepareImages, type PrepareImagesOptions } from "./images";

export async function setUp(options: PrepareImagesOptions): Promise<ImagesManifest> {
  const docker = await ensureDocker(options.root, options.say);
  return prepareImages(docker, options);
}
