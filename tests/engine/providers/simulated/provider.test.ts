import assert from "node:assert/strict";
import { asText } from "../../../../engine/providers/simulated/text";
import { isSecret, makeSecret, type Properties } from "../../../../engine/values";
import { good, simulate, T, urnOf, type Simulation } from "./support";

describe("the simulated cloud", () => {
  let simulation: Simulation;
  beforeEach(async () => (simulation = await simulate()));
  const subject = (type: string, id: string, name = "it") => ({ urn: urnOf(type, name), type, name, id });

  /** A cluster with a service of one task definition. */
  async function service() {
    const cluster = await simulation.make(T.cluster, { name: "shop" });
    const task = await simulation.make(T.task, good[T.task] ?? {}, "first");
    const inputs = { ...good[T.service], cluster: cluster.id, taskDefinition: task.outputs["arn"] ?? "" };
    return { cluster, task, service: await simulation.make(T.service, inputs), inputs };
  }

  it("gives ids, ARNs and outputs as the real ones look, with the provider's account, region and tags", async () => {
    const { id, outputs } = await simulation.make(T.database, {
      ...good[T.database],
      tags: { part: "data" },
    });
    assert.match(id, /^db-[0-9A-F]{26}$/);
    assert.equal(outputs["arn"], "arn:aws:rds:eu-central-1:111122223333:db:orders");
    assert.equal(outputs["endpoint"], `${asText(outputs["address"])}:5432`);
    assert.match(asText(outputs["address"]), /^orders\.c[0-9a-f]{11}\.eu-central-1\.rds\.amazonaws\.com$/);
    assert.deepEqual(outputs["tagsAll"], { stack: "dev", part: "data" });
    const [secret] = outputs["masterUserSecrets"] as Properties[];
    assert.match(
      asText(secret?.["secretArn"]),
      /^arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds!db-/,
    );
  });

  it("leaves nothing undefined that a real provider always sets", async () => {
    const { outputs } = await simulation.make(T.vpc, good[T.vpc] ?? {});
    assert.deepEqual(
      [
        "arn",
        "defaultSecurityGroupId",
        "defaultNetworkAclId",
        "mainRouteTableId",
        "ownerId",
        "region",
      ].filter((key) => (outputs[key] ?? "") === ""),
      [],
    );
    assert.match(asText(outputs["arn"]), /^arn:aws:ec2:eu-central-1:111122223333:vpc\/vpc-0[0-9a-f]{16}$/);
  });

  it("names what the program does not name, and keeps that name", async () => {
    const { id, inputs } = await simulation.make(T.bucket, {});
    assert.match(id, /^it-[0-9a-f]{7}$/);
    const again = await simulation.provider(T.bucket).check(subject(T.bucket, id), inputs, {});
    assert.equal(again.inputs["bucket"], id);
  });

  it("keeps secrets secret", async () => {
    const password = makeSecret("correct-horse-battery");
    const { outputs } = await simulation.make(T.database, {
      ...good[T.database],
      manageMasterUserPassword: false,
      password,
    });
    assert.ok(isSecret(outputs["password"]));
  });

  it("replaces where AWS cannot change in place, and first removes what has the same name", async () => {
    const { id, inputs, outputs } = await simulation.make(T.targetGroup, {
      ...good[T.targetGroup],
      vpcId: "vpc-1",
    });
    const provider = simulation.provider(T.targetGroup);
    const diff = (change: Properties) =>
      provider.diff(subject(T.targetGroup, id), inputs, outputs, { ...inputs, ...change }, []);
    const moved = await diff({ port: 81 });
    assert.deepEqual([moved.changes, moved.replaces, moved.deleteBeforeReplace], ["some", ["port"], true]);
    const renamed = await diff({ name: "web-2" });
    assert.deepEqual([renamed.replaces, renamed.deleteBeforeReplace], [["name"], false]);
    const tuned = await diff({ deregistrationDelay: 10 });
    assert.deepEqual([tuned.changes, tuned.replaces], ["some", []]);
    assert.equal((await diff({})).changes, "none");
  });

  it("moves a service to another task definition", async () => {
    const { service: web, inputs } = await service();
    const next = await simulation.make(T.task, { ...good[T.task], cpu: "512", memory: "1024" }, "second");
    const news = { ...inputs, taskDefinition: next.outputs["arn"] ?? "" };
    const about = subject(T.service, web.id);
    const updated = await simulation
      .provider(T.service)
      .update(about, web.inputs, web.outputs, news, 0, [], false);
    assert.notEqual(next.outputs["arn"], inputs["taskDefinition"]);
    assert.equal(updated.properties["taskDefinition"], next.outputs["arn"]);
  });

  it("rolls a service back without a word when the new version fails, as ECS does", async () => {
    const { service: web, inputs, task } = await service();
    const next = await simulation.make(T.task, { ...good[T.task], cpu: "512", memory: "1024" }, "second");
    simulation.cloud.failing = ({ inputs: { cpu } }) => cpu === "512";
    const news = { ...inputs, taskDefinition: next.outputs["arn"] ?? "" };
    const about = subject(T.service, web.id);
    const provider = simulation.provider(T.service);
    const updated = await provider.update(about, web.inputs, web.outputs, news, 0, [], false);
    assert.equal(updated.properties["taskDefinition"], task.outputs["arn"]);
    const { result } = await provider.invoke("aws:ecs/getService:getService", {
      serviceName: "web",
      clusterArn: "shop",
    });
    assert.equal(result["taskDefinition"], task.outputs["arn"]);
  });

  it("deletes neither what is protected nor what something still uses", async () => {
    const { cluster } = await service();
    const database = await simulation.make(T.database, { ...good[T.database], deletionProtection: true });
    const remove = (type: string, id: string) => simulation.provider(type).delete(subject(type, id));
    await assert.rejects(remove(T.cluster, cluster.id), {
      message: `deleting ${urnOf(T.cluster, "it")}: ${urnOf(T.service, "it")} still uses it`,
    });
    await assert.rejects(
      remove(T.database, database.id),
      /is protected from deletion \(deletionProtection\); an update must lift that first$/,
    );
  });

  it("reads drift from the cloud, and nothing where there is nothing", async () => {
    const { service: web } = await service();
    const provider = simulation.provider(T.service);
    assert.deepEqual(await provider.read(subject(T.service, "arn:none"), undefined, undefined), {
      id: "",
      properties: {},
    });
    const read = await provider.read(subject(T.service, web.id), web.inputs, web.outputs);
    assert.deepEqual(read.properties, web.outputs);
  });

  it("says of a function that it does not know what to do instead", async () => {
    await assert.rejects(
      simulation.provider(T.vpc).invoke("aws:ec2/getAmi:getAmi", {}),
      /^Error: the function aws:ec2\/getAmi:getAmi is not simulated: it reads from the cloud, which is not there\./,
    );
  });
});
