import type { Dataset } from '../../../plan/dataset.ts';
import type { Query } from '../../../plan/query.ts';
import { markdown, notebook, pythonString } from '../python.ts';
import { requiredWidget } from './common.ts';

/** Compacts the lake's tables and removes files that no version of the last week needs. */
export function pinterestMaintenance(datasets: readonly Dataset[], queries: readonly Query[]): string {
  const names = (list: readonly { readonly name: string }[]) =>
    list.map(({ name }) => pythonString(name)).join(', ');
  return notebook(
    markdown(`# Maintenance of the lake's tables
Written by \`npm run notebooks\` from the definitions of datasets and queries: change those, not this.

Databricks' predictive optimization does not see external tables. Readers and writers may go on meanwhile.`),
    `dbutils.widgets.text("lake", "dbfs:/mnt/pinterest/lake", "Folder of the lake")`,
    `from delta.tables import DeltaTable

${requiredWidget}


lake = required("lake")
DATASETS = [${names(datasets)}]
QUERIES = [${names(queries)}]
TABLES = [
    "files_read",
    *(f"{way}{layer}/{name}" for way in ("", "stream/") for layer in ("silver", "quarantine") for name in DATASETS),
    *(f"gold/{name}" for name in QUERIES),
]

for table in TABLES:
    path = f"{lake}/{table}"
    # One that nothing has been written to yet is not there.
    if DeltaTable.isDeltaTable(spark, path):
        spark.sql(f"OPTIMIZE delta.\`{path}\`")
        spark.sql(f"VACUUM delta.\`{path}\`")
        print(table)`,
  );
}
