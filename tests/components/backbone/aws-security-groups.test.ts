import assert from "node:assert/strict";
import { declareBackbone, large, small, type DeclaredBackbone } from "./aws";

/** Every rule as "group <- other port" or "group -> other port". */
function rules({ all }: DeclaredBackbone): string[] {
  const short = (value: unknown) =>
    String(value).replace(/^backbone-security-(.*?)(-addresses)?-id$/, (_, role: string) => role);
  const line = (arrow: string) => (inputs: Record<string, unknown>) => {
    assert.equal(inputs["ipProtocol"], "tcp");
    assert.equal(inputs["fromPort"], inputs["toPort"]);
    const other = inputs["referencedSecurityGroupId"] ?? inputs["prefixListId"] ?? inputs["cidrIpv4"];
    return `${short(inputs["securityGroupId"])} ${arrow} ${short(other)} ${String(inputs["toPort"])}`;
  };
  return [
    ...Object.values(all("vpc/securityGroupIngressRule:SecurityGroupIngressRule")).map(line("<-")),
    ...Object.values(all("vpc/securityGroupEgressRule:SecurityGroupEgressRule")).map(line("->")),
  ].sort();
}

describe("components/backbone/aws-security-groups", () => {
  let staging: DeclaredBackbone;

  before(async () => {
    staging = await declareBackbone(small);
  });

  it("lets each role talk to those it needs, and to no other", () => {
    assert.deepEqual(rules(staging), [
      "endpoints <- hook 443",
      "endpoints <- service 443",
      "gateway -> service 8080",
      "gateway <- cloudflare 443",
      "gateway <- cloudflare 80",
      "gateway <- nat 8443",
      "hook -> 0.0.0.0/0 443",
      "hook -> 0.0.0.0/0 8443",
      "hook -> endpoints 443",
      "postgres <- service 5432",
      "redis <- service 6379",
      "service -> endpoints 443",
      "service -> pl-s3 443",
      "service -> postgres 5432",
      "service -> redis 6379",
      "service <- gateway 8080",
    ]);
  });

  it("lets the test listener be called from every NAT address", async () => {
    const { one } = await declareBackbone(large);
    assert.deepEqual(
      one("ec2/managedPrefixList:ManagedPrefixList", "security-nat-addresses")["entries"],
      Array(3).fill({ cidr: "192.0.2.1/32", description: "NAT of this network" }),
    );
  });

  it("keeps the gateway's rules within the 60 that AWS counts, each prefix list as its most entries", () => {
    const lists = staging.all("ec2/managedPrefixList:ManagedPrefixList");
    for (const [name, inputs] of Object.entries(lists)) {
      assert.ok((inputs["entries"] as unknown[]).length <= Number(inputs["maxEntries"]), name);
      assert.ok(3 * Number(inputs["maxEntries"]) <= 60, name);
    }
    assert.equal(Object.keys(lists).length, 2);
  });

  it("describes every group and rule in letters that AWS takes", () => {
    const described = [
      "ec2/securityGroup:SecurityGroup",
      "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
      "vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    ].flatMap((type) => Object.entries(staging.all(type)));
    assert.equal(described.length, 22);
    for (const [name, inputs] of described) {
      assert.match(String(inputs["description"]), /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/, name);
    }
  });
});
