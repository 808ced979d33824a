import type { Dataset } from '../../../plan/dataset.ts';
import type { Query } from '../../../plan/query.ts';
import { planSql } from '../plan_sql.ts';
import { markdown, notebook, pythonSql, pythonString } from '../python.ts';
import { identifier, stringLiteral } from '../quoting.ts';
import { columnsSql, requiredWidget, sparkSettings } from './common.ts';

/** The answers as views over the stream's silver, for dashboards and other tools. */
export function pinterestLiveViews(datasets: readonly Dataset[], queries: readonly Query[]): string {
  const views = queries.map(({ name, title, plan }) =>
    [
      markdown(`## ${title}`),
      '\n# COMMAND ----------\n',
      `VIEWS[${pythonString(name)}] = ${pythonSql(viewSql(name, title, plan))}`,
    ].join('\n'),
  );
  return notebook(
    markdown(`# The answers, live
Written by \`npm run notebooks\` from the definitions of queries: change those, not this.

Views over the rows that \`pinterest_streaming_data\` stores: whoever asks them gets the answers of that moment.`),
    `dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")
dbutils.widgets.text("schema", "pinterest_live", "Schema of the views, perhaps behind a catalog and a point")`,
    `${requiredWidget}


lake = required("lake")
schema = ".".join(f"\`{part}\`" for part in required("schema").split("."))
${sparkSettings}`,
    `COLUMNS = {
${datasets.map(({ name, table }) => `    ${pythonString(name)}: ${pythonString(columnsSql(table.schema))},`).join('\n')}
}`,
    'VIEWS = {}',
    ...views,
    markdown('## The run'),
    runCell,
  );
}

function viewSql(name: string, title: string, plan: Query['plan']): string {
  return `CREATE OR REPLACE VIEW ${identifier(name)}\nCOMMENT ${stringLiteral(title)}\nAS\n${planSql(plan)}`;
}

const runCell = `spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
spark.sql(f"USE {schema}")

# Views cannot name a path in every catalog, so the silver tables get a name beside them.
for dataset, columns in COLUMNS.items():
    location = f"{lake}/stream/silver/{dataset}"
    # A temporary view of that name would hide the table.
    spark.catalog.dropTempView(dataset)
    written = location.replace("\\\\", "\\\\\\\\").replace("'", "\\\\'")
    spark.sql(f"CREATE TABLE IF NOT EXISTS \`{dataset}\` ({columns}) USING DELTA LOCATION '{written}'")
    found = spark.sql(f"DESCRIBE DETAIL \`{dataset}\`").first()["location"]
    if not found.rstrip("/").endswith(location.split(":")[-1].lstrip("/")):
        raise ValueError(f"The table {schema}.{dataset} lies at {found}, not at {location}: drop it, or choose another schema.")

for view, statement in VIEWS.items():
    spark.sql(statement)
    print(view)
    display(spark.table(f"\`{view}\`"))`;
