/** Packages that a program registers, to name them by a reference from then on. */
import { randomUUID } from "node:crypto";
import { RegisterPackageResponse } from "@pulumi/pulumi/proto/resource_pb";
import type { RegisterPackageRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { PackageDescriptor } from "../model";
import { present } from "./goal";
import { unsupported } from "./unsupported";

export class RegisteredPackages {
  private readonly packages = new Map<string, PackageDescriptor>();
  private readonly references = new Map<string, string>();

  /** The same package gets the same reference. @throws Error for a parameterized one */
  register(request: RegisterPackageRequest): RegisterPackageResponse {
    const name = request.getName();
    if (request.hasParameterization()) throw unsupported(`the parameterized package ${name} is`);
    const descriptor = {
      name,
      ...present("version", request.getVersion()),
      ...present("pluginDownloadURL", request.getDownloadUrl()),
    };
    const content = JSON.stringify(descriptor);
    const reference = this.references.get(content) ?? randomUUID();
    this.references.set(content, reference);
    this.packages.set(reference, descriptor);
    return new RegisterPackageResponse().setRef(reference);
  }

  /** What a request's reference stands for, if it has one. @throws Error for one never given out */
  of(request: { getPackageref(): string }): PackageDescriptor | undefined {
    const reference = request.getPackageref();
    const registered = this.packages.get(reference);
    if (reference !== "" && !registered) throw new Error(`unknown provider package '${reference}'`);
    return registered;
  }
}
