const pulumi = require("@pulumi/pulumi");

class Item extends pulumi.ComponentResource {
  constructor(name, args) {
    super("bench:index:Item", name, args);
    this.registerOutputs({ label: `item ${name}` });
  }
}

const count = new pulumi.Config().requireNumber("count");
for (let i = 0; i < count; i++) new Item(`item-${i}`, { index: i, text: `value ${i}` });
