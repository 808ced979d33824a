/** Cuts a VPC's block into subnets, one private and one public a zone. */

export interface SubnetBlocks {
  readonly zone: string;
  /** 8,187 addresses a zone: Databricks takes two for a machine. */
  readonly privateBlock: string;
  /** Only NAT gateways lie here: 251 addresses a zone. */
  readonly publicBlock: string;
}

const wholeBlock = /^(\d{1,3})\.(\d{1,3})\.0\.0\/16$/;

/**
 * Allocates subnets in a /16. A zone's blocks depend on its place in the list alone, so that a zone added at the end
 * moves no other: a subnet that moves is replaced, and everything in it.
 * @throws RangeError when the block is not a /16, or has more than 4 zones or one zone twice
 */
export function allocateSubnets(cidr: string, zones: readonly string[]): readonly SubnetBlocks[] {
  const match = wholeBlock.exec(cidr);
  const [first, second] = [Number(match?.[1] ?? 256), Number(match?.[2] ?? 256)];
  if (first > 255 || second > 255) {
    throw new RangeError(`The VPC's block "${cidr}" must be a /16, such as 10.40.0.0/16.`);
  }
  if (zones.length > 4 || new Set(zones).size !== zones.length) {
    throw new RangeError(`Subnets need up to 4 zones, each once; got ${zones.join(', ')}.`);
  }
  return zones.map((zone, index) => ({
    zone,
    privateBlock: `${first}.${second}.${index * 32}.0/19`,
    publicBlock: `${first}.${second}.${240 + index}.0/24`,
  }));
}
