/** Cron expressions as Databricks takes them: Quartz's, with seconds. */

/**
 * Describes what Quartz would refuse; empty when nothing.
 * Source: https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html
 */
export function quartzProblems(cron: string): readonly string[] {
  const fields = cron.split(' ');
  if (fields.length !== 6 && fields.length !== 7) {
    return [`has ${fields.length} fields, not 6 or 7`];
  }
  const ranges = [
    ['second', 0, 59],
    ['minute', 0, 59],
    ['hour', 0, 23],
    ['day', 1, 31],
    ['month', 1, 12],
    ['weekday', 1, 7],
  ] as const;
  const [day, weekday] = [fields[3], fields[5]];
  const both = (day === '?') === (weekday === '?') ? ['one of day and weekday must be ?'] : [];
  const outside = ranges.flatMap(([name, least, most], index) =>
    (fields[index] ?? '')
      .split(/[,/-]/)
      .filter((part) => /^\d+$/.test(part) && (Number(part) < least || Number(part) > most))
      .map((part) => `${name} ${part} is not from ${least} to ${most}`),
  );
  return [...both, ...outside];
}
