/** All rules, and how they are applied to a whole stack. */
import type { Declared, Rule } from './declared.ts';
import { encryption } from './encryption.ts';
import { leastPrivilege } from './least_privilege.ts';
import { protection, tags } from './ownership.ts';
import { privacy } from './privacy.ts';
import { secrets } from './secrets.ts';
import { services } from './services.ts';

export const rules: readonly Rule[] = [
  encryption,
  privacy,
  leastPrivilege,
  secrets,
  tags,
  protection,
  services,
];

/** Every violation, as `rule: type name: what is wrong`; empty when all is well. */
export function violations(resources: readonly Declared[]): readonly string[] {
  return rules.flatMap((rule) => {
    const single = resources.flatMap((resource) =>
      (rule.each?.(resource) ?? []).map((says): readonly [Declared, string] => [resource, says]),
    );
    const together = rule.all?.(resources) ?? [];
    return [...single, ...together].map(([{ type, name }, says]) => `${rule.name}: ${type} ${name}: ${says}`);
  });
}
